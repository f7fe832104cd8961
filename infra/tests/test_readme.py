"""infra/README.md: each command, variable, output, path, figure and word of it is real."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from infra.tests.guide import HERE, Block, Guide, read_guide
from infra.tests.real import (
    ROOT,
    TERRAFORM,
    TERRAFORM_OPTIONS,
    Complaints,
    check_make,
    check_path,
    check_script,
    check_variable,
    is_command,
    machines,
    names_of,
)
from infra.tests.shell import SUBSTITUTED, Command, NotUnderstood, read_commands

README = ROOT / "infra/README.md"
# Where words that the page names may stand.
SOURCES = (
    "infra/terraform", "infra/scripts", "infra/compose", "infra/schedule_lambda",
    "backend/power", "frontend/src/i18n/en.ts", "docker-compose.yml", "Makefile", ".env.example",
    "openvoice_service/engines", "README.md",
)  # fmt: skip
# AWS's own words, and what the reader puts in.
THEIRS = {
    "PowerUserAccess", "IAMFullAccess", "VcpuLimitExceeded", "MaxSpotInstanceCountExceeded",
    "TargetNotConnected", "502", "MEDIA_BUCKET", "ap-northeast-1a",
}  # fmt: skip
SHELLS_OWN = {"HOME"}


@pytest.fixture(scope="module")
def guide() -> Guide:
    return read_guide(README.read_text())


@cache
def sources() -> str:
    files = [path for name in SOURCES for path in [ROOT / name, *(ROOT / name).rglob("*")]]
    kept = [path for path in files if path.is_file() and ".terraform" not in str(path)]
    texts = [
        path.read_text() for path in kept if path.suffix not in (".pyc", ".zip", ".csv", ".tfvars")
    ]
    return "\n".join([*texts, machines()])


@cache
def check_block(block: Block) -> Complaints:
    if block.language == "sh":
        return check_script(block.text, block.place)
    if block.language == "hcl":
        return [each for line in block.text.splitlines() for each in check_setting(line)]
    return [] if block.language == "text" else [f"a block of {block.language!r}"]


def check_setting(text: str) -> Complaints:
    match = re.fullmatch(r'(\w+)\s*=\s*("[^"]*"|\d+|true|false|\["[^"]*"\])', text.strip())
    return check_variable(match[1]) if match else [f"{text}: not a setting"]


@cache
def check_span(span: str) -> Complaints:
    """Return what is not real in words in backticks."""
    if is_command(span):
        return check_script(span, is_whole=False)
    if re.match(r"[a-z_]+ = ", span):
        return check_setting(span)
    if "/" in span and not span.startswith(("ap-", "http")):
        return check_path(span)
    if span.startswith("-replace="):
        return check_script(f"terraform apply {span}")
    return check_name(span)


def check_name(name: str) -> Complaints:
    is_real = name in THEIRS or re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", sources())
    return [] if is_real else [f"{name}: nothing is called that"]


# --- the page -------------------------------------------------------------------------------


def test_every_command_of_the_page_is_real(guide: Guide) -> None:
    assert sum(block.language == "sh" for block in guide.blocks) > 30
    assert [each for block in guide.blocks for each in check_block(block)] == []


def test_every_name_in_the_prose_is_real(guide: Guide) -> None:
    assert len(guide.spans) > 100
    assert [each for span in guide.spans for each in check_span(span)] == []


def test_every_word_that_somebody_is_said_to_show_is_shown(guide: Guide) -> None:
    assert len(guide.told) > 10
    assert [words for words in guide.told if words not in sources()] == []


def test_every_shell_variable_is_set_before_it_is_used(guide: Guide) -> None:
    at_home = set(SHELLS_OWN)
    for block in guide.blocks:
        known = at_home if block.place == HERE else set(SHELLS_OWN)
        for command in read_commands(block.text) if block.language == "sh" else []:
            assert set(command.uses) <= known, command
            known |= variables_set_by(command)


def variables_set_by(command: Command) -> set[str]:
    exported = command.words[1:] if command.words[:1] == ("export",) else ()
    return {*command.sets, *(word.partition("=")[0] for word in exported)}


def test_the_steps_are_numbered_and_only_these_are_spoken_of(guide: Guide) -> None:
    numbers = [int(number) for number in re.findall(r"^## (\d+)\. ", guide.text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {int(number) for number in re.findall(r"\bstep (\d+)", guide.text)} <= set(numbers)


def test_each_step_says_what_it_costs_in_time_or_money(guide: Guide) -> None:
    steps = re.findall(r"^## \d+\. (.+)$", guide.text, re.MULTILINE)
    told = [step for step in steps if re.search(r"\(.*(free|cost|\$|cent|minutes|saves).*\)", step)]
    silent = [step for step in steps if step not in told]
    assert silent == ["Day by day", "Backup and restore", "One machine, and spot",
                      "When something is wrong", "Back to nothing"]  # fmt: skip


def costs(command: str) -> str:
    words = command.split()[1:]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_bill_is_what_the_costs_print(guide: Guide) -> None:
    found = re.findall(
        r"```sh\n(python3 -m infra\.costs.*)\n```\n```text\n(.*?)```", guide.text, re.DOTALL
    )
    assert len(found) == 1
    for command, printed in found:
        assert costs(command) == printed, "print it anew: the prices or the reckoning have changed"


def test_the_other_months_are_what_the_costs_print(guide: Guide) -> None:
    rows = re.findall(
        r"^\| `(python3 -m infra\.costs[^`]*)`.*\| ([\d.,]+) \|$", guide.text, re.MULTILINE
    )
    assert len(rows) == 5
    for command, usd in rows:
        assert f"| **all** | {usd} |" in costs(command), command


def test_the_prices_are_those_of_the_price_file(guide: Guide) -> None:
    listed = tomllib.loads((ROOT / "backend/power/prices.toml").read_text())
    rows = re.findall(
        r"^\| `(\w+)\.(\w+)`: .* \| ([\d.]+) \$ an? (.+) \|$", guide.text, re.MULTILINE
    )
    assert len(rows) == 7
    for table, name, usd, unit in rows:
        price = listed[table][name]
        assert float(usd) == price.get("usd", price.get("hour_usd")), name
        assert unit == price.get("unit", "hour"), name


def test_what_the_page_fetches_is_answered_by_the_backend(guide: Guide) -> None:
    nginx = (ROOT / "frontend/nginx.conf").read_text()
    (handed_on,) = re.findall(r"location ~ (\S+) \{\n    proxy_pass", nginx)
    script = (ROOT / "infra/scripts/gpu-manage.sh").read_text()
    paths = re.findall(r"\$APP_URL(/\w+)", guide.text + script)
    assert Counter(paths) >= Counter({"/readyz": 2})
    assert all(re.match(handed_on, path) for path in paths)


def test_the_first_page_leads_here() -> None:
    assert "(infra/README.md)" in (ROOT / "README.md").read_text()


# --- the checks can fail --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("make schedule-zap", "no such target"),
        ("make models FORM=/folder", "does not read FORM"),
        ("infra/scripts/gpu-manage.sh explode", "no verb 'explode'"),
        ("infra/scripts/gpu-manage.sh stop-gpu --forced", "--forced"),
        ("infra/scripts/gpu-manage.sh logs gpu many", "LINES"),
        ("infra/scripts/gpu-manage.sh cost --gpu-days 3", "--gpu-days"),
        ("infra/scripts/gpu-mangle.sh status", "no such file"),
        ("python3 -m infra.coasts", "No module named"),
        ("python3 -m infra.costs --gpu-days 40", "no option --gpu-days"),
        ("python3 -m infra.costs --market free", "invalid choice"),
        ("python3 -m openvoice_service upload", "invalid choice"),
        ("terraform -chdir=infra/terraform/cpu plan", "no Terraform"),
        ("terraform undo", "terraform undo"),
        ("terraform plan -output=x", "-output"),
        ("terraform plan -var admin_cidr=x", "no such variable"),
        ("terraform -chdir=infra/terraform/bootstrap plan -var=domain=x", "no such variable"),
        ("terraform output -raw app_public_up", "no such output"),
        ("terraform -chdir=infra/terraform/bootstrap output app_url", "no such output"),
        ("terraform apply -replace=module.app.aws_instance.gpu", "no such resource"),
        ("X=$(terraform output -raw nothing)", "no such output"),
        ("cat x | terraform output nothing", "no such output"),
        ("make schedule-zip && make nothing", "no such target"),
        ("aws ec3 describe-instances", "no such operation"),
        ("aws ec2 describe-instance", "no such operation"),
        ("aws ec2 describe-instances --instance i-1", "no option --instance"),
        ("aws ec2 describe-instances --filters Nome=x,Values=y", "Nome"),
        ("aws ec2 describe-instances --query 'Reservations['", "query"),
        ("aws ec2 start-instances", "needs --instance-ids"),
        ("aws ec2 wait snapshot-ready --snapshot-ids x", "no such operation"),
        ("aws s3 rm --recursively s3://x", "no option --recursively"),
        ("aws ssm get-parameter --name /video-message/owner-word", "nor is it a secret"),
        ("tail -f /var/log/video-message.log", "neither machine"),
        ("cd /opt/video-massage", "neither machine"),
        ("sudo bash /opt/video-message/set-up.sh", "neither machine"),
        ("sudo /usr/local/sbin/video-message-start", "neither machine"),
        ("docker compose exec database psql", "no such service"),
        ("docker compose exec backend python -m backend.powers batch", "No module named"),
        ("docker compose restart worker werker", "werker: no such service"),
        ("docker compose explode", "nobody knows"),
        ("systemctl restart video-message-speach", "this unit"),
        ("journalctl --unit video-message-dog", "this unit"),
        ("ssh -J ec2-user@x ec2-user@10.0.1.21", "no machine has this address"),
        ("cat infra/terraform/gpu/variable.tf", "no such file"),
        ("echo x > infra/terraform/cpu/backend.tf", "no such file"),
        ("echo x | xargs -n 1 aws ec2 delete-snapshots --snapshot-id", "no such operation"),
        ("frobnicate", "nobody knows this program"),
        ("for x in 1; do reboot; done", "nobody knows this program"),
        ("cat <<TEXT", "not understood"),
        ("(cd infra)", "not understood"),
        ("echo `date`", "not understood"),
    ],
)  # fmt: skip
def test_a_line_that_is_not_real_is_found(line: str, complaint: str) -> None:
    assert complaint in "\n".join(check_script(line))


@pytest.mark.parametrize(
    "span",
    ["admin_cidr", "app_adress", "gpu_market = ", "gpu_markt = \"spot\"", "POWER_EC2_TOG",
     "infra/terraform/gpu/output.tf", "/mnt/share", "/video-message/token", "L-DB2E81BB",
     "terraform output -raw gpu_ip", "gpu-manage.sh statuses", "aws.gp4"],
)  # fmt: skip
def test_a_name_that_is_not_real_is_found(span: str) -> None:
    assert check_span(span) != []


@pytest.mark.parametrize(
    "word", ["admin_cidrs", "/var/log/video-message-setup.log", "app_public_ip"]
)
def test_the_page_with_one_letter_less_is_found_out(guide: Guide, word: str) -> None:
    assert word in guide.text
    wrong = read_guide(guide.text.replace(word, word[:-1]))
    complaints = [each for block in wrong.blocks for each in check_block(block)]
    complaints += [each for span in wrong.spans for each in check_span(span)]
    assert any(word[:-1] in each for each in complaints)


def test_a_target_is_real_by_the_makefile_alone() -> None:
    makefile = "push: ## to a registry\n\tdocker push $(REGISTRY)/x\n"
    assert check_make(["push", "REGISTRY=x"], makefile) == []
    assert len(check_make(["pull", "REGISTRAR=x"], makefile)) == 2


# --- the reader of shell --------------------------------------------------------------------


def test_the_shell_is_taken_apart() -> None:
    found = read_commands(
        """\
# a comment
A=$(first --x "$(second 'a b')" | third) && B=1 fourth "$A" \\
  --y >file.txt # and another
"""
    )
    assert [each.words for each in found] == [
        ("second", "a b"), ("first", "--x", SUBSTITUTED), ("third",), (), ("fourth", "$A", "--y")
    ]  # fmt: skip
    assert found[3].sets == {"A": SUBSTITUTED}
    assert (found[4].sets, found[4].uses, found[4].files) == ({"B": "1"}, ("A",), ("file.txt",))


@pytest.mark.parametrize("script", ["$(x", 'echo "x', "if (x)", "x <<E", "f() { x; }", "x 2>&1"])
def test_shell_that_is_not_known_is_refused(script: str) -> None:
    with pytest.raises(NotUnderstood):
        read_commands(script)


# --- what is known of Terraform ------------------------------------------------------------


@pytest.mark.parametrize("verb", TERRAFORM_OPTIONS)
def test_terraform_knows_what_we_think_it_knows(verb: str) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not here: its options were not compared.")
    done = subprocess.run(["terraform", verb, "-help"], capture_output=True, text=True, check=False)
    assert verb in done.stdout
    plan = subprocess.run(
        ["terraform", "plan", "-help"], capture_output=True, text=True, check=True
    )
    told = done.stdout + (plan.stdout if verb in ("apply", "destroy") else "")
    assert all(f"  {option}" in told for option in TERRAFORM_OPTIONS[verb])


def test_both_modules_have_what_the_page_asks_for() -> None:
    assert {"admin_cidrs", "key_name"} <= names_of(TERRAFORM / "gpu", "variable")
    assert "state_bucket" in names_of(Path(TERRAFORM / "bootstrap"), "output")
