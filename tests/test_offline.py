"""The copies to take along: the zip from disk, the e-book, the PDF, the text of each page."""

import subprocess
import zipfile
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from built_site import HTML, visit
from informal_ict import contents
from informal_ict.publish.pages import built_pages

XHTML = {"h": "http://www.w3.org/1999/xhtml"}


@pytest.fixture(scope="module")
def unpacked(site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stick")
    with zipfile.ZipFile(HTML / "book.zip") as archive:
        archive.extractall(folder)
    (root,) = folder.iterdir()
    return root


def test_a_case_can_be_played_from_disk(unpacked, browser):
    with visit(browser, (unpacked / "chapters/cases/friend-request.html").as_uri()) as seen:
        case = seen.page.locator(".ict-vignette").first
        case.get_by_role("radio").first.click()
        expect(case.locator(".ict-consequence").filter(visible=True)).to_have_count(1)
        assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
        assert (seen.failed, seen.errors) == ([], [])


def test_search_works_from_disk(unpacked, browser):
    with visit(browser, (unpacked / "index.html").as_uri()) as seen:
        seen.page.keyboard.press("Control+k")
        seen.page.keyboard.type("friend request")
        seen.page.keyboard.press("Enter")
        found = seen.page.locator(".ict-found > li > a").first
        expect(found).to_have_text("The friend request")
        found.click()
        expect(seen.page.locator("h1").first).to_contain_text("The friend request")
        assert (seen.failed, seen.errors) == ([], [])


def test_the_zip_has_every_page_and_no_link_to_a_file_that_is_not_there(unpacked):
    for page in contents.pages():
        assert (unpacked / f"{page}.html").is_file()
        assert (unpacked / f"{page}.txt").is_file()


@pytest.fixture(scope="module")
def epub(site):
    with zipfile.ZipFile(HTML / "book.epub") as archive:
        yield archive


def test_the_e_book_is_an_epub_with_every_page_in_its_contents(epub):
    first = epub.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert epub.read("mimetype") == b"application/epub+zip"
    package = epub.read("EPUB/content.opf").decode()
    assert 'version="3.0"' in package and "<dc:language>en-CA</dc:language>" in package
    assert "schema:accessibilitySummary" in package
    nav = ElementTree.fromstring(epub.read("EPUB/nav.xhtml"))
    listed = [_plain("".join(link.itertext())) for link in nav.findall(".//h:nav[@id='toc']//h:a", XHTML)]
    assert [title for title in (_plain(page.title) for page in built_pages()) if title not in listed] == []


def test_every_picture_of_the_e_book_has_words_and_every_file_is_well_formed(epub):
    texts = [name for name in epub.namelist() if name.endswith(".xhtml")]
    pictures = 0
    for name in texts:
        for image in ElementTree.fromstring(epub.read(name)).findall(".//h:img", XHTML):
            pictures += 1
            assert image.get("alt"), f"{name}: {image.get('src')}"
    assert pictures > 15


def test_a_widget_is_in_the_e_book_in_its_form_for_paper(epub):
    whole = "".join(epub.read(name).decode() for name in epub.namelist() if "/ch" in name)
    assert "126.834" in whole  # a table of the explorer
    assert "widget-state" not in whole and "<textarea" not in whole


def test_the_pdf_is_tagged_and_has_every_page(site):
    told = subprocess.run(["pdfinfo", HTML / "book.pdf"], capture_output=True, text=True, check=True).stdout
    assert "Tagged:          yes" in told and "Title:           It crept in" in told
    text = subprocess.run(["pdftotext", HTML / "book.pdf", "-"], capture_output=True, text=True, check=True)
    plain = _plain(text.stdout)
    assert [page.title for page in built_pages() if _plain(page.title) not in plain] == []
    assert "126834" in plain


def test_the_text_of_a_page_begins_with_its_title(site):
    for page in built_pages():
        text = (HTML / f"{page.name}.txt").read_text(encoding="utf-8")
        assert _plain(text).startswith(_plain(page.title)), page.name
        assert len(text) > 400


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
