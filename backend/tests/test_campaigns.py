"""Campaigns: a template, a list that is judged, and rows that can be found and corrected."""

import io
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import BASE_VOICE, draft

PEOPLE = """お名前,ふりがな,メール
山田 花子,やまだ はなこ,hanako@example.jp
佐藤 太郎,さとう たろう,taro@example.jp
鈴木 一,すずき はじめ,hajime@example.jp
"""
SCRIPT = "こんにちは。{{お名前:さん}}、おめでとうございます。また会いましょう。"


def campaign_of(client: TestClient, script: str = SCRIPT, **fields: object) -> dict:
    message = draft(client, script=script, voice=BASE_VOICE, background="#1e3a5f", **fields)
    body = {"name": "卒業", "message_id": message["id"]}
    answer = client.post("/api/v1/campaigns", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def path_of(campaign: dict, more: str = "") -> str:
    return f"/api/v1/campaigns/{campaign['id']}{more}"


def put_list(client: TestClient, campaign: dict, content: bytes | str, name: str = "list.csv"):
    sent = content.encode() if isinstance(content, str) else content
    files = {"file": (name, io.BytesIO(sent), "text/csv")}
    return client.put(path_of(campaign, "/list"), files=files)


def listed(client: TestClient, campaign: dict, content: bytes | str = PEOPLE) -> dict:
    answer = put_list(client, campaign, content)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows_of(client: TestClient, campaign: dict, **asked: str | int) -> list[dict]:
    answer = client.get(path_of(campaign, "/rows"), params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.fixture
def campaign(owner: TestClient) -> dict:
    made = campaign_of(owner)
    return listed(owner, made)


# --- campaigns ------------------------------------------------------------------------------


def test_a_campaign_has_a_template_of_its_own(owner: TestClient) -> None:
    made = campaign_of(owner, title="おめでとう")
    template = owner.get(f"/api/v1/messages/{made['template_message_id']}").json()
    assert (template["script"], template["title"]) == (SCRIPT, "おめでとう")
    assert template["campaign_id"] == made["id"]
    (listed_one,) = owner.get("/api/v1/messages").json()["items"]
    assert listed_one["id"] != template["id"], "a template is listed with its campaign alone"
    of_campaign = owner.get("/api/v1/messages", params={"campaign_id": made["id"]}).json()
    assert [one["id"] for one in of_campaign["items"]] == [template["id"]]


def test_an_empty_template_will_do(owner: TestClient) -> None:
    made = owner.post("/api/v1/campaigns", json={"name": " 入学 \n"}).json()
    assert (made["name"], made["state"], made["counts"]["total"]) == ("入学", "draft", 0)
    assert owner.get("/api/v1/campaigns").json()["items"][0]["id"] == made["id"]
    assert owner.get("/api/v1/campaigns", params={"state": "done"}).json()["items"] == []


def test_only_what_was_seen_is_changed(owner: TestClient, campaign: dict) -> None:
    seen = owner.get(path_of(campaign)).headers["ETag"]
    first = owner.patch(path_of(campaign), json={"name": "一"}, headers={"If-Match": seen})
    assert (first.status_code, first.json()["name"]) == (200, "一")
    late = owner.patch(path_of(campaign), json={"name": "二"}, headers={"If-Match": seen})
    problem_of(late, 412, "draft_changed", "If-Match")
    assert first.json()["mapping"]["email"] == "メール", "what is left out stays"


def test_a_mapping_names_columns_that_are_there(owner: TestClient, campaign: dict) -> None:
    wrong = owner.patch(path_of(campaign), json={"mapping": {"name": "お名まえ"}})
    problem_of(wrong, 422, "column_unknown", "mapping.name")
    assert "お名前" in wrong.json()["detail"]


def test_a_deleted_campaign_leaves_nothing(owner: TestClient, campaign: dict, app: FastAPI) -> None:
    assert owner.delete(path_of(campaign)).status_code == 204
    assert owner.get(path_of(campaign)).status_code == 404
    template = f"/api/v1/messages/{campaign['template_message_id']}"
    assert owner.get(template).status_code == 404
    database = Path(app.state.collaborators.settings.data_dir)
    kept = [one for one in database.rglob("*") if one.is_file() and b"hanako" in one.read_bytes()]
    assert kept == []


def test_a_campaigns_message_goes_with_the_campaign_alone(
    owner: TestClient, campaign: dict
) -> None:
    answer = owner.delete(f"/api/v1/messages/{campaign['template_message_id']}")
    problem_of(answer, 409, "conflict_state")


# --- lists ----------------------------------------------------------------------------------


def test_a_list_is_read_and_its_columns_are_guessed(campaign: dict) -> None:
    assert campaign["columns"] == ["お名前", "ふりがな", "メール"]
    mapping = {"name": "お名前", "email": "メール", "readings": {"お名前": "ふりがな"}}
    assert campaign["mapping"] == mapping | {"same_address": "once"}
    assert campaign["imported"] == {
        "format": "csv", "encoding": "utf-8", "delimiter": ",", "had_header": True,
        "row_count": 3, "notes": [],
    }  # fmt: skip
    assert (campaign["counts"]["total"], campaign["counts"]["waiting"]) == (3, 3)


def test_a_pasted_list_is_one_too(owner: TestClient) -> None:
    made = campaign_of(owner)
    text = PEOPLE.replace(",", "\t")
    answer = owner.put(path_of(made, "/list"), json={"text": text})
    assert answer.status_code == 200, answer.text
    about = answer.json()["imported"]
    assert (about["format"], about["delimiter"]) == ("text", "\t")


def test_another_list_replaces_it(owner: TestClient, campaign: dict) -> None:
    after = listed(owner, campaign, "name\nAnna\n")
    assert (after["columns"], after["counts"]["total"]) == (["name"], 1)
    (row,) = rows_of(owner, campaign)
    assert row["cells"] == ["Anna"]


def test_a_list_replaces_the_one_that_was_seen(owner: TestClient, campaign: dict) -> None:
    seen = owner.get(path_of(campaign)).headers["ETag"]

    def put(text: str, if_match: str):
        headers = {"If-Match": if_match}
        return owner.put(path_of(campaign, "/list"), json={"text": text}, headers=headers)

    first = put("name\nAnna\n", seen)
    assert (first.status_code, first.json()["columns"]) == (200, ["name"])
    problem_of(put("name\nBea\n", seen), 412, "draft_changed", "If-Match")
    assert [row["cells"] for row in rows_of(owner, campaign)] == [["Anna"]]
    again = put("name\nBea\nCarl\n", first.headers["ETag"])
    assert (again.status_code, again.json()["counts"]["total"]) == (200, 2)


@pytest.mark.parametrize("sent", [{"json": {}}, {"data": {"x": "y"}}, {"content": b"\xff"}])
def test_no_list_is_told_to_be_none(owner: TestClient, sent: dict) -> None:
    made = campaign_of(owner)
    assert owner.put(path_of(made, "/list"), **sent).status_code == 422


# --- rows -----------------------------------------------------------------------------------


def test_a_row_shows_what_is_said_to_its_person(owner: TestClient, campaign: dict) -> None:
    first = rows_of(owner, campaign)[0]
    assert first["script"] == SCRIPT.replace("{{お名前:さん}}", "山田 花子さん")
    assert first["personal_sentences"] == ["山田 花子さん、おめでとうございます。"]
    assert (first["state"], first["problems"], first["position"]) == ("waiting", [], 0)
    assert owner.get(path_of(campaign, f"/rows/{first['id']}")).json() == first


def test_rows_are_paged_found_and_jumped_to(owner: TestClient) -> None:
    made = campaign_of(owner, "{{name}}")
    listed(owner, made, "name\n" + "".join(f"Person {n:03}\n" for n in range(120)))
    page = owner.get(path_of(made, "/rows"), params={"limit": 50}).json()
    assert (len(page["items"]), page["total"]) == (50, 120)
    after = rows_of(owner, made, limit=50, cursor=page["next_cursor"])
    assert [row["position"] for row in after] == list(range(50, 100))
    jumped = rows_of(owner, made, limit=50, offset=100)
    assert [row["position"] for row in jumped] == list(range(100, 120))
    found = owner.get(path_of(made, "/rows"), params={"q": "ｐｅｒｓｏｎ 07"}).json()
    assert (found["total"], found["items"][0]["cells"]) == (10, ["Person 070"])
    assert rows_of(owner, made, q="100%") == []
    assert rows_of(owner, made, state="faulty") == []
    last = owner.get(path_of(made, "/rows"), params={"cursor": 99, "limit": 20}).json()
    assert last["next_cursor"] is None


def test_what_is_wrong_is_told_by_row(owner: TestClient) -> None:
    made = campaign_of(owner, "{{name}}、{{town|どこか}}")
    listed(
        owner, made,
        "name,email,town\n"
        "Anna,anna@example.com,Kiel\n"
        "Bea,ANNA@example.com,\n"
        ",bea@example.com,Kiel\n"
        "Carl,carl at home,Kiel\n"
        f"{'D' * 500},,Kiel\n"
        "Emil,,Kiel,x\n",
    )  # fmt: skip
    rows = rows_of(owner, made)
    found = [[problem["code"] for problem in row["problems"]] for row in rows]
    assert found == [
        [], ["address_twice"], ["value_missing"], ["address_wrong"], ["value_too_long"],
        ["cells_many"],
    ]  # fmt: skip
    assert [row["state"] for row in rows] == ["waiting", *["faulty"] * 5]
    assert rows[1]["script"] == "Bea、どこか"
    assert [row["position"] for row in rows_of(owner, made, state="faulty")] == [1, 2, 3, 4, 5]


def test_a_corrected_row_is_judged_again_and_so_is_its_double(owner: TestClient) -> None:
    made = campaign_of(owner, "{{name}}")
    listed(owner, made, "name,email\nAnna,a@example.com\nBea,a@example.com\n")
    anna, bea = rows_of(owner, made)
    assert (anna["state"], bea["state"]) == ("waiting", "faulty")
    changed = owner.patch(
        path_of(made, f"/rows/{anna['id']}"), json={"cells": ["Anna", "other@example.com"]}
    )
    assert changed.json()["cells"] == ["Anna", "other@example.com"]
    assert rows_of(owner, made)[1]["state"] == "waiting"
    owner.patch(path_of(made, f"/rows/{anna['id']}"), json={"cells": ["Anna", "A@example.com"]})
    owner.patch(path_of(made, f"/rows/{anna['id']}"), json={"is_left_out": True})
    anna, bea = rows_of(owner, made)
    assert (anna["state"], bea["state"]) == ("left_out", "waiting")
    owner.patch(path_of(made, f"/rows/{anna['id']}"), json={"is_left_out": False})
    assert [row["state"] for row in rows_of(owner, made)] == ["waiting", "faulty"]


def test_an_address_may_be_a_familys(owner: TestClient) -> None:
    made = campaign_of(owner, "{{name}}")
    made = listed(owner, made, "name,email\nAnna,a@example.com\nBea,a@example.com\n")
    mapping = made["mapping"] | {"same_address": "each"}
    after = owner.patch(path_of(made), json={"mapping": mapping}).json()
    assert (after["counts"]["faulty"], after["counts"]["waiting"]) == (0, 2)


def test_cells_are_all_of_a_rows(owner: TestClient, campaign: dict) -> None:
    row = rows_of(owner, campaign)[0]
    answer = owner.patch(path_of(campaign, f"/rows/{row['id']}"), json={"cells": ["x"]})
    problem_of(answer, 422, "cells_count", "cells")


def test_two_who_correct_a_row_do_not_overwrite_each_other(
    owner: TestClient, campaign: dict
) -> None:
    row = rows_of(owner, campaign)[0]
    path = path_of(campaign, f"/rows/{row['id']}")
    seen = owner.get(path).headers["ETag"]
    assert seen == f'"{row["revision"]}"'
    one, other = ["山田 花", *row["cells"][1:]], ["山田 華子", *row["cells"][1:]]
    first = owner.patch(path, json={"cells": one}, headers={"If-Match": seen})
    assert (first.status_code, first.json()["cells"]) == (200, one)
    for late in ({"cells": other}, {"is_left_out": True}):
        refused = owner.patch(path, json=late, headers={"If-Match": seen})
        problem_of(refused, 412, "draft_changed", "If-Match")
    kept = owner.get(path)
    assert (kept.json()["cells"], kept.json()["state"]) == (one, "waiting")
    assert kept.headers["ETag"] == first.headers["ETag"]
    again = owner.patch(path, json={"cells": other}, headers={"If-Match": kept.headers["ETag"]})
    assert again.json()["cells"] == other


def test_one_rows_correction_is_no_change_of_another(owner: TestClient, campaign: dict) -> None:
    first, second, _ = rows_of(owner, campaign)
    owner.patch(path_of(campaign, f"/rows/{first['id']}"), json={"is_left_out": True})
    seen = {"If-Match": f'"{second["revision"]}"'}
    answer = owner.patch(
        path_of(campaign, f"/rows/{second['id']}"), json={"is_left_out": True}, headers=seen
    )
    assert answer.json()["state"] == "left_out"


def test_a_row_without_a_video_is_not_approved(owner: TestClient, campaign: dict) -> None:
    row = rows_of(owner, campaign)[0]
    answer = owner.patch(path_of(campaign, f"/rows/{row['id']}"), json={"approved": True})
    problem_of(answer, 409, "conflict_state")


def test_another_template_judges_the_rows_again(owner: TestClient, campaign: dict) -> None:
    template = f"/api/v1/messages/{campaign['template_message_id']}"
    owner.patch(template, json={"script": "{{お名前}}、{{住所}}"})
    after = owner.get(path_of(campaign)).json()
    (problem,) = after["template_problems"]
    assert (problem["code"], problem["field"], problem["at"]) == ("column_unknown", "script", 9)
    owner.patch(template, json={"script": "{{ｅメール|}}{{メール}}"})
    assert owner.get(path_of(campaign)).json()["template_problems"][0]["nearest"] == "メール"
    listed(owner, campaign, "お名前,年\n花子,\n太郎,2年\n")
    owner.patch(template, json={"script": "{{お名前}}、{{年}}"})
    counts = owner.get(path_of(campaign)).json()["counts"]
    assert (counts["faulty"], counts["waiting"]) == (1, 1)


def test_kana_that_cannot_be_read_is_told_beside_its_row(owner: TestClient) -> None:
    made = campaign_of(owner, "{{お名前}}")
    listed(
        owner, made,
        "お名前,ふりがな\n東海林,ショ'ージ\n小鳥遊,takanashi\n山田 花子,ヤマダ\n鈴木,すずき\n",
    )  # fmt: skip
    rows = rows_of(owner, made)
    found = [[problem["code"] for problem in row["problems"]] for row in rows]
    assert found == [[], ["reading_wrong"], ["reading_wrong"], []]
    mended = owner.patch(
        path_of(made, f"/rows/{rows[1]['id']}"), json={"cells": ["小鳥遊", "タカナシ"]}
    )
    assert mended.json()["state"] == "waiting"
