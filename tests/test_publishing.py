"""Settings of publishing, redirects, the 404 page, sitemap, cards and links that open a notebook."""

from datetime import date
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from built_site import HTML, visit
from informal_ict import contents
from informal_ict.errors import InputError
from informal_ict.publish.cards import write_cards
from informal_ict.publish.head import link_tags
from informal_ict.publish.launch import launch_links
from informal_ict.publish.lighten import without_measuring
from informal_ict.publish.offline import write_released
from informal_ict.publish.pages import built_pages
from informal_ict.publish.redirects import load_redirects, write_redirects
from informal_ict.publish.reviewed import REVIEWED, load_reviewed
from informal_ict.publish.settings import Launch, load_publishing
from informal_ict.publish.sitemap import sitemap

ADDRESS = "https://school.example/ict/"
LAUNCH = Launch(repository="school/ict", jupyterhub="https://hub.school.example", binder=True, colab=True)
NOTEBOOK = "notebooks/frequencies.ipynb"


def test_an_address_that_leads_nowhere_shows_the_books_own_page_at_any_depth(site, browser):
    with visit(browser, f"{site}/chapters/cases/no/such/page.html") as seen:
        expect(seen.page.get_by_role("heading", level=1)).to_have_text("There is no page at this address")
        assert seen.failed == [f"404 {site}/chapters/cases/no/such/page.html"]
        assert seen.axe() == []
        seen.page.get_by_role("link", name="The first page of the book").click()
        expect(seen.page.locator("h1").first).to_contain_text("It crept in")


@pytest.fixture
def small_site(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters/new.html").write_text('<h2 id="part">Here</h2>', encoding="utf-8")
    return tmp_path


def test_a_moved_page_leads_on(small_site, browser):
    for _ in range(2):  # a second build finds its own page there
        write_redirects({"old": "chapters/new#part"}, small_site)
    page = browser.new_page()
    page.goto((small_site / "old.html").as_uri(), wait_until="commit")
    page.wait_for_url("**/chapters/new.html#part")
    page.close()


@pytest.mark.parametrize(
    ("redirects", "fault"),
    [
        ({"old": "chapters/gone"}, "leads to chapters/gone, which is not a page"),
        ({"old": "chapters/new#gone"}, "has no section #gone"),
        ({"chapters/new": "chapters/new"}, "is still a page"),
        ({"old": "older", "older": "chapters/new"}, "leads to older, which is not a page"),
    ],
)
def test_a_redirect_that_would_fail_a_reader_is_refused(small_site, redirects, fault):
    with pytest.raises(InputError, match=fault):
        write_redirects(redirects, small_site)


def test_the_books_own_redirects_hold(site):
    write_redirects(load_redirects(), HTML)


def test_nothing_is_launched_unless_configured(site):
    publishing = load_publishing()
    assert publishing.launch.repository is None
    assert launch_links(NOTEBOOK, Launch()) == []
    for notebook in (HTML / "notebooks").glob("*.html"):
        text = notebook.read_text(encoding="utf-8")
        assert "git-pull" not in text and "mybinder" not in text and "colab" not in text


def test_links_open_the_released_file(tmp_path):
    links = dict(launch_links(NOTEBOOK, LAUNCH))
    assert list(links) == ["JupyterHub", "Binder", "Colab"]
    hub = urlsplit(links["JupyterHub"])
    asked = parse_qs(hub.query)
    assert (hub.netloc, hub.path) == ("hub.school.example", "/hub/user-redirect/git-pull")
    assert asked["repo"] == ["https://github.com/school/ict"]
    assert asked["branch"] == ["released"]
    assert asked["urlpath"] == [f"lab/tree/ict/{NOTEBOOK}"]
    assert links["Binder"].startswith("https://mybinder.org/v2/gh/school/ict/released?urlpath=lab%2Ftree%2F")
    assert links["Colab"].endswith(f"/github/school/ict/blob/released/{NOTEBOOK}")


def test_what_the_links_open_is_written(site, tmp_path):
    downloads = sorted((HTML / "notebooks").glob("*.zip"))
    written = write_released(downloads, tmp_path)
    assert tmp_path / NOTEBOOK in written
    assert len(written) == len(downloads) >= 9
    assert (tmp_path / "data/survey.csv").is_file()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("address: school.example", "address"),
        ("launch: {binder: true}", "name it as 'repository: owner/name'"),
        ("launch: {repository: school/ict, jupyterhub: hub.example}", "launch.jupyterhub"),
        ("lanch: {}", "lanch"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, fault):
    (tmp_path / "publishing.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"publishing\.yml.*" + fault):
        load_publishing(tmp_path / "publishing.yml")


def test_the_environment_says_the_address_too(monkeypatch):
    monkeypatch.setenv("INFORMAL_ICT_ADDRESS", "https://school.example/ict")
    assert load_publishing().address == ADDRESS


def test_the_sitemap_lists_every_page_with_its_day():
    reviewed = load_reviewed()
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    listed = ElementTree.fromstring(sitemap(ADDRESS, reviewed))
    places = [one.text for one in listed.iter(f"{name}loc")]
    assert places[0] == ADDRESS
    assert len(places) == len(contents.pages())
    assert f"{ADDRESS}chapters/data.html" in places
    assert [date.fromisoformat(day.text or "") for day in listed.iter(f"{name}lastmod")] == [
        *reviewed.values()
    ]


def test_a_page_without_a_day_is_named(tmp_path):
    lines = [line for line in REVIEWED.read_text(encoding="utf-8").splitlines() if "glossary" not in line]
    (tmp_path / "reviewed.yml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"reviewed\.yml: chapters/glossary: no day"):
        load_reviewed(tmp_path / "reviewed.yml")


def test_every_page_says_when_it_was_reviewed_and_is_described(site):
    for page in built_pages():
        text = (HTML / f"{page.name}.html").read_text(encoding="utf-8")
        assert f'<time datetime="{load_reviewed()[page.name].isoformat()}">' in text, page.name
        assert 40 < len(page.description) < 200, page.name
        assert '<meta property="og:title"' in text


def test_a_link_to_a_page_shows_its_title_and_a_picture_of_the_books_own_making(site, tmp_path):
    page = built_pages()[0]
    tags = link_tags("chapters/data", 'The "data"', "What it is.", "A book", ADDRESS)
    assert '<link rel="canonical" href="https://school.example/ict/chapters/data.html">' in tags
    assert 'content="The &quot;data&quot;"' in tags
    assert 'content="https://school.example/ict/_static/cards/chapters-data.png"' in tags
    assert "og:image" not in link_tags("chapters/data", "The data", "What it is.", "A book", None)
    (picture,) = write_cards([page], tmp_path, "A book")
    header = picture.read_bytes()[:24]
    assert header[1:4] == b"PNG"
    assert (int.from_bytes(header[16:20]), int.from_bytes(header[20:24])) == (1200, 630)


def test_a_theme_that_measures_in_another_way_stops_the_build():
    script = 'a(),"complete"===document.readyState?I():window.addEventListener("load",I)})();'
    assert without_measuring(script) == "a()})();"
    with pytest.raises(InputError, match="some other way"):
        without_measuring(script.replace("complete", "interactive"))
