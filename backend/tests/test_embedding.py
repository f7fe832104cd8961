"""How a link looks in other people's pages: previews, oEmbed, and a frame."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.tests.conftest import ORIGIN, browser
from backend.tests.test_accounts import problem_of
from backend.tests.test_share_rules import let_expire
from backend.tests.test_shares import facts_of, message, share

__all__ = ["message"]  # a fixture


class Head(HTMLParser):
    """The tags of a page, as a reader of previews sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def meta(self, name: str) -> list[str | None]:
        """Return what is said under `name`, in order."""
        return [
            found["content"]
            for tag, found in self.tags
            if tag == "meta" and name in (found.get("property"), found.get("name"))
        ]

    def link(self, relation: str) -> str | None:
        """Return where a link of this relation leads."""
        found = (a["href"] for tag, a in self.tags if tag == "link" and a["rel"] == relation)
        return next(found, None)


def test_a_preview_is_told_everything(owner: TestClient, message: dict, app: FastAPI) -> None:
    app.state.collaborators.storage.write(f"messages/{message['id']}/1/thumbnail.gif", b"GIF89a")
    _, path = share(owner, message)
    head, link = Head(browser(app).get(path).text), f"{ORIGIN}{path}"
    title = f"{message['title']} · 花子"
    assert head.link("canonical") == link
    assert {name: head.meta(name) for name in (
        "og:type", "og:title", "og:url", "og:image", "og:image:type", "og:image:width",
        "og:image:height", "og:video", "og:video:type", "og:video:width", "og:video:height",
        "twitter:card", "twitter:title", "twitter:image", "twitter:player",
        "twitter:player:width", "twitter:player:height",
    )} == {
        "og:type": ["video.other"], "og:title": [title], "og:url": [link],
        "og:image": [f"{link}/poster.jpg", f"{link}/thumbnail.gif"],
        "og:image:type": ["image/jpeg", "image/gif"],
        "og:image:width": ["1280"], "og:image:height": ["720"],
        "og:video": [f"{link}/video.mp4"], "og:video:type": ["video/mp4"],
        "og:video:width": ["1280"], "og:video:height": ["720"],
        "twitter:card": ["player"], "twitter:title": [title],
        "twitter:image": [f"{link}/poster.jpg"], "twitter:player": [f"{link}/embed"],
        "twitter:player:width": ["640"], "twitter:player:height": ["360"],
    }  # fmt: skip
    for address in ("og:image", "og:video", "twitter:player"):
        for url in head.meta(address):
            assert browser(app).get(str(url).removeprefix(ORIGIN)).status_code == 200


def test_the_poster_is_fetched_before_the_script_that_shows_it(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    assert Head(browser(app).get(path).text).link("preload") == f"{path}/poster.jpg"


def test_what_is_not_made_yet_is_not_promised(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    page = browser(app).get(path)
    assert Head(page.text).meta("og:image") == [f"{ORIGIN}{path}/poster.jpg"]
    facts = facts_of(page)
    assert (facts["thumbnail_url"], facts["waveform_url"], facts["stream_url"]) == (None,) * 3
    assert facts["captions_url"] == f"{path}/captions.vtt"
    state = browser(app).get(f"{path}/state").json()
    assert state == {
        "phase": "ready", "percent": 100.0, "video_url": f"{path}/video.mp4", "stream_url": None,
        "stream_type": None, "duration_s": 3.2, "poster_url": f"{path}/poster.jpg",
        "captions_url": f"{path}/captions.vtt", "thumbnail_url": None, "waveform_url": None,
        "has_words": False,
    }  # fmt: skip
    for name in ("thumbnail.gif", "waveform.json", "stream"):
        problem_of(browser(app).get(f"{path}/{name}"), 404, "not_found")


def test_a_limited_link_promises_no_video(owner: TestClient, message: dict, app: FastAPI) -> None:
    _, path = share(owner, message, view_limit=5)
    head = Head(browser(app).get(path).text)
    assert head.meta("og:image") == [f"{ORIGIN}{path}/poster.jpg"]
    assert (head.meta("og:video"), head.meta("twitter:player"), head.link("alternate")) == (
        [], [], None,
    )  # fmt: skip
    assert head.meta("twitter:card") == ["summary_large_image"]


def test_the_page_names_its_oembed_and_that_names_the_frame(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    reader = browser(app)
    found = Head(reader.get(path).text).link("alternate")
    assert found is not None
    assert found.startswith(f"{ORIGIN}/oembed?")
    assert parse_qs(urlsplit(found).query)["url"] == [f"{ORIGIN}{path}"]
    told = reader.get(found.removeprefix(ORIGIN)).json()
    assert (told["version"], told["type"], told["width"], told["height"]) == (
        "1.0", "video", 640, 360,
    )  # fmt: skip
    assert told["author_name"] == "花子"
    assert told["thumbnail_url"] == f"{ORIGIN}{path}/poster.jpg"
    ((tag, frame),) = Head(told["html"]).tags
    assert (tag, frame["src"], frame["title"]) == ("iframe", f"{ORIGIN}{path}/embed", told["title"])
    page = reader.get(f"{path}/embed")
    assert page.status_code == 200
    assert "frame-ancestors *" in page.headers["content-security-policy"]
    assert "x-frame-options" not in page.headers
    assert (facts_of(page)["is_embed"], facts_of(reader.get(path))["is_embed"]) == (True, False)
    assert "frame-ancestors 'none'" in reader.get(path).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("room", "size"),
    [
        ({"maxwidth": 320}, (320, 180)),
        ({"maxheight": 90}, (160, 90)),
        ({"maxwidth": 320, "maxheight": 90}, (160, 90)),
        ({"maxwidth": 5_000}, (640, 360)),
        ({"maxwidth": 1}, (1, 1)),
    ],
)
def test_a_frame_keeps_to_the_room_it_is_given(
    owner: TestClient, message: dict, app: FastAPI, room: dict, size: tuple[int, int]
) -> None:
    made, _ = share(owner, message)
    told = browser(app).get("/oembed", params={"url": made["url"], **room}).json()
    assert (told["width"], told["height"]) == size
    assert f'width="{size[0]}"' in told["html"]


def test_oembed_knows_our_links_alone(owner: TestClient, message: dict, app: FastAPI) -> None:
    made, path = share(owner, message)
    reader = browser(app)
    for url in (
        "", "x", f"{ORIGIN}/s/unknown", f"https://evil.example{path}", f"{ORIGIN}.evil{path}",
        f"{ORIGIN}/login", f"{made['url']}/video.mp4", path, f"{ORIGIN}/s/", f"{made['url']}\r\nx",
    ):  # fmt: skip
        answer = reader.get(f"/oembed?url={quote(url)}&format=json")
        assert answer.status_code == 404, url
    for url in (made["url"], f"{made['url']}/", f"{made['url']}/embed", f"{made['url']}?utm=x#t"):
        assert reader.get(f"/oembed?url={quote(url)}").status_code == 200, url
    problem_of(reader.get("/oembed", params={"url": made["url"], "format": "xml"}), 501,
               "format_unknown")  # fmt: skip
    assert reader.get("/oembed").status_code == 422
    assert reader.get("/oembed", params={"url": made["url"], "maxwidth": 0}).status_code == 422


def test_only_an_open_link_is_embedded(owner: TestClient, message: dict, app: FastAPI) -> None:
    reader = browser(app)
    for rules in ({"password": "open sesame"}, {"view_limit": 3}):
        made, path = share(owner, message, **rules)
        problem_of(reader.get("/oembed", params={"url": made["url"]}), 401, "link_private")
        page = reader.get(f"{path}/embed")
        assert (page.status_code, facts_of(page)["state"]) == (403, "embed_off")
        assert "花子" not in page.text
    made, path = share(owner, message)
    let_expire(app, made)
    problem_of(reader.get("/oembed", params={"url": made["url"]}), 404, "not_found", "url")
    assert reader.get(f"{path}/embed").status_code == 410
    owner.delete(f"/api/v1/shares/{made['id']}")
    problem_of(reader.get("/oembed", params={"url": made["url"]}), 404, "not_found")
    assert reader.get(f"{path}/embed").status_code == 404


def test_no_title_writes_a_tag_of_its_own(owner: TestClient, message: dict, app: FastAPI) -> None:
    made, path = share(owner, message, label="<b>")
    reader = browser(app)
    assert "<script>alert" not in reader.get(path).text
    answer = reader.get("/oembed", params={"url": made["url"]})
    assert [tag for tag, _ in Head(answer.json()["html"]).tags] == ["iframe"]
    headers = answer.headers
    assert headers["content-type"] == "application/json", "and so it is shown to nobody as a page"
    assert headers["x-content-type-options"] == "nosniff"
