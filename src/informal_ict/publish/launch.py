"""Links that open a notebook in a JupyterHub, on Binder or in Colab."""

from urllib.parse import quote, urlencode

from informal_ict.publish.settings import Launch


def launch_links(notebook: str, launch: Launch) -> list[tuple[str, str]]:
    """What to call each link that is configured, and where it leads.

    The JupyterHub link is one of nbgitpuller (https://nbgitpuller.readthedocs.io/en/latest/link.html): it
    copies the branch into the reader's own folder and opens the notebook there.

    Args:
        notebook: its path in the released branch, such as ``notebooks/frequencies.ipynb``.
        launch: what is configured.
    """
    if launch.repository is None:
        return []
    branch, path = quote(launch.branch, safe=""), quote(notebook)
    links = []
    if launch.jupyterhub:
        folder = launch.repository.partition("/")[2]
        asked = {
            "repo": f"https://github.com/{launch.repository}",
            "branch": launch.branch,
            "urlpath": f"lab/tree/{folder}/{notebook}",
        }
        links.append(("JupyterHub", f"{launch.jupyterhub}/hub/user-redirect/git-pull?{urlencode(asked)}"))
    if launch.binder:
        asked = {"urlpath": f"lab/tree/{notebook}"}
        address = f"https://mybinder.org/v2/gh/{launch.repository}/{branch}"
        links.append(("Binder", f"{address}?{urlencode(asked)}"))
    if launch.colab:
        address = f"https://colab.research.google.com/github/{launch.repository}/blob/{branch}/{path}"
        links.append(("Colab", address))
    return links
