#!/usr/bin/env bash
# Starts, stops and looks after the machines on AWS, found by their tags. See --help.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
REGION=${AWS_REGION:-${AWS_DEFAULT_REGION:-ap-northeast-1}}
APP_TAG=${APP_TAG:-Role=video-message-app}
GPU_TAG=${GPU_TAG:-Role=openvoice-gpu}
GPU_TYPE=${GPU_TYPE:-g4dn.xlarge}
AMI_PARAMETER=/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id
# vCPUs of running G and VT instances: on demand, and as spot requests.
QUOTAS=("L-DB2E81BA on-demand" "L-3819A6DF spot")
# From its folder: compose resolves the COMPOSE_FILE of .env against where it is called.
COMPOSE="cd /opt/video-message && docker compose"
ERRORS=$(mktemp)
trap 'rm -f "$ERRORS"' EXIT

usage() {
  cat <<'TEXT'
gpu-manage.sh VERB [options]

  start-app  start-gpu  start-all     start, and return as soon as AWS has said yes
  stop-app   stop-gpu   stop-all      stop; work that is leased is left alone without --force
  status                              name, state, type, uptime and what it cost today
  wait [app|gpu|all]                  until it runs and AWS's own checks pass
  logs app|gpu [LINES]                the last lines of its services, through SSM
  batch [--local]                     speak all that waits in one window of the GPU machine
  cost [options]                      python -m infra.costs
  doctor                              credentials, quota, capacity by zone, AMI, EFS, health

Machines are found by tag: APP_TAG (Role=video-message-app), GPU_TAG (Role=openvoice-gpu).
AWS_REGION (ap-northeast-1), AWS_PROFILE and the other variables of the AWS CLI hold.
The GPU machine stops by itself when nobody needs it; this is for whoever wants to be sure.
TEXT
}

fail() {
  echo "gpu-manage.sh: $*" >&2
  exit 1
}

misused() {
  echo "gpu-manage.sh: $*" >&2
  echo "Try: gpu-manage.sh --help" >&2
  exit 2
}

# --- AWS ------------------------------------------------------------------------------------

call() { # ARGUMENTS...: the answer; on an error 1, with AWS's own words in $ERRORS
  aws --region "$REGION" "$@" 2>"$ERRORS"
}

explain() { # prints what AWS's last error means and what helps
  local words
  words=$(cat "$ERRORS")
  case $words in
    *"Unable to locate credentials"* | *NoCredentials*)
      echo "there are no AWS credentials: run 'aws configure', or set AWS_PROFILE" ;;
    *ExpiredToken* | *RequestExpired* | *InvalidClientTokenId* | *AuthFailure*)
      echo "the AWS credentials are not valid, or not any more: renew them, and look at this computer's clock" ;;
    *UnauthorizedOperation* | *AccessDenied*)
      echo "these credentials may not do this: $(error_code <<<"$words")" ;;
    *InsufficientInstanceCapacity* | *SpotMaxPriceTooLow*)
      echo "AWS has no room for this machine just now; the CPU lane goes on, try again later" ;;
    *IncorrectSpotRequestState*)
      echo "AWS has taken the spot machine back and will start it again by itself" ;;
    *RequestLimitExceeded* | *Throttling*)
      echo "AWS was asked too often: try again in a minute" ;;
    *"Could not connect"* | *"endpoint URL"*)
      echo "AWS cannot be reached from here" ;;
    *) echo "AWS refused: $words" ;;
  esac
}

error_code() { sed -n 's/.*error occurred (\([A-Za-z.]*\)).*operation: .*/\1/p; s/.*calling the \([A-Za-z]*\) operation.*/\1/p' | paste -sd' ' -; }

ask() { # ARGUMENTS...: the answer, or the end with a plain sentence
  call "$@" || fail "$(explain)"
}

# --- machines -------------------------------------------------------------------------------

tag_of() { if [ "$1" = app ]; then echo "$APP_TAG"; else echo "$GPU_TAG"; fi; }

roles_of() { if [ "$1" = all ]; then echo "app gpu"; else echo "$1"; fi; }

machines() { # ROLE: a line each of id, state, zone, lease-until (or None), by zone
  local tag
  tag=$(tag_of "$1")
  ask ec2 describe-instances --output text \
    --filters "Name=tag:${tag%%=*},Values=${tag#*=}" \
      "Name=instance-state-name,Values=pending,running,stopping,stopped" \
    --query "Reservations[].Instances[].[InstanceId,State.Name,Placement.AvailabilityZone,Tags[?Key=='lease-until']|[0].Value]" |
    sort -k3
}

require_machines() { # ROLE: its machines; the end where there is none
  local found
  # `set -e` is silent where a caller looks at the status, so each step says what ends it.
  found=$(machines "$1") || exit 1
  [ -n "$found" ] || fail "no machine carries the tag $(tag_of "$1") in $REGION: make one with Terraform, or set $(tr '[:lower:]' '[:upper:]' <<<"$1")_TAG"
  echo "$found"
}

refuse_twins() { # ROLE MACHINES: two machines of one zone are one too many
  local twins
  twins=$(awk 'NF { ids[$3] = ids[$3] " " $1; n[$3]++ } END { for (z in n) if (n[z] > 1) print z ":" ids[z] }' <<<"$2")
  [ -z "$twins" ] || fail "several machines carry the tag $(tag_of "$1") in one zone ($twins): take the tag off all but one"
}

start_role() { # ROLE: start one of its machines, in the first zone that has room
  local found id state
  found=$(require_machines "$1") || return 1
  refuse_twins "$1" "$found"
  if grep -qE '[[:space:]](running|pending)[[:space:]]' <<<"$found"; then
    echo "$1: it is on already"
    return
  fi
  while read -r id state _; do
    if [ "$state" = stopping ]; then
      fail "$1: $id is still stopping: try again in a minute"
    elif call ec2 start-instances --instance-ids "$id" --output text >/dev/null; then
      echo "$1: $id is starting"
      return
    elif ! grep -qE 'InsufficientInstanceCapacity|SpotMaxPriceTooLow' "$ERRORS"; then
      fail "$1: $id does not start: $(explain)"
    fi
    echo "$1: no room for $id in its zone" >&2
  done <<<"$found"
  fail "$1: $(explain)"
}

is_leased() { # LEASE_UNTIL: whether work may still be going on
  [ "$1" != None ] || return 1
  [[ $1 =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$ ]] || return 0
  [[ $(date -u +%Y-%m-%dT%H:%M:%SZ) < $1 ]]
}

stop_role() { # ROLE FORCE: stop every machine of it that is on
  local found id state lease status=0
  found=$(require_machines "$1") || return 1
  while read -r id state _ lease; do
    case $state in
      stopped | stopping) echo "$1: $id is $state already" ;;
      *)
        if [ "$2" = no ] && is_leased "$lease"; then
          echo "$1: $id is left on: its work is leased until $lease (--force stops it)" >&2
          status=1
        elif call ec2 stop-instances --instance-ids "$id" --output text >/dev/null; then
          echo "$1: $id is stopping"
        else
          echo "$1: $id does not stop: $(explain)" >&2
          status=1
        fi ;;
    esac
  done <<<"$found"
  return "$status"
}

# --- verbs ----------------------------------------------------------------------------------

for_each_role() { # COMMAND TARGET ARGUMENTS...: one machine's trouble leaves no other undone
  local command=$1 role status=0
  for role in $(roles_of "$2"); do
    # In a shell of its own, so that the end of one is not the end of all.
    ("$command" "$role" "${@:3}") || status=1
  done
  return "$status"
}

status() {
  local tag answer values=()
  for tag in "$APP_TAG" "$GPU_TAG"; do values+=("${tag#*=}"); done
  answer=$(ask ec2 describe-instances --output json \
    --filters "Name=tag:${APP_TAG%%=*},Values=${values[0]},${values[1]}")
  in_python infra.costs.today <<<"$answer"
}

in_python() { # MODULE ARGUMENTS...
  (cd "$ROOT" && "${PYTHON:-python3}" -m "$@")
}

wait_role() {
  local id
  id=$(require_machines "$1" | awk '$2 == "running" || $2 == "pending" { print $1; exit }') || return 1
  [ -n "$id" ] || fail "$1: it is not starting; start it first: gpu-manage.sh start-$1"
  ask ec2 wait instance-running --instance-ids "$id" || return 1
  ask ec2 wait instance-status-ok --instance-ids "$id" || return 1
  echo "$1: $id runs"
}

run_there() { # ROLE COMMAND: run it on the machine through SSM, and print what it printed
  local id command status
  id=$(require_machines "$1" | awk '$2 == "running" { print $1; exit }') || exit 1
  [ -n "$id" ] || fail "$1: it does not run; start it first: gpu-manage.sh start-$1"
  command=$(ask ssm send-command --document-name AWS-RunShellScript --instance-ids "$id" \
    --parameters "commands=[\"$2\"]" --query Command.CommandId --output text)
  call ssm wait command-executed --command-id "$command" --instance-id "$id" || true
  status=$(ask ssm get-command-invocation --command-id "$command" --instance-id "$id" \
    --query Status --output text)
  ask ssm get-command-invocation --command-id "$command" --instance-id "$id" \
    --query '[StandardOutputContent,StandardErrorContent]' --output text
  [ "$status" = Success ] || fail "$1: the command ended as $status"
}

logs() {
  local lines=${2:-200}
  [[ $lines =~ ^[1-9][0-9]{0,4}$ ]] || misused "logs: LINES must be a number, and is '$lines'"
  if [ "$1" = gpu ]; then
    run_there gpu "journalctl --no-pager --lines $lines --unit video-message-speech --unit video-message-watchdog"
  else
    run_there app "$COMPOSE logs --no-color --tail $lines"
  fi
}

batch() {
  if [ "${1:-}" = --local ]; then
    in_python backend.power batch
  else
    run_there app "$COMPOSE exec -T backend python -m backend.power batch"
  fi
}

# --- doctor ---------------------------------------------------------------------------------

DIAGNOSIS=0
found_well() { echo "ok    $*"; }
found_ill() {
  echo "FAIL  $*"
  DIAGNOSIS=1
}

doctor() {
  local answer
  if ! answer=$(call sts get-caller-identity --query Arn --output text); then
    found_ill "credentials: $(explain)"
    return 1
  fi
  found_well "credentials: $answer"
  doctor_quotas
  if answer=$(call ec2 describe-instance-type-offerings --location-type availability-zone \
    --filters "Name=instance-type,Values=$GPU_TYPE" --query 'InstanceTypeOfferings[].Location' --output text) &&
    [ -n "$answer" ]; then
    found_well "capacity: $GPU_TYPE is offered in $answer"
  else
    found_ill "capacity: $GPU_TYPE is offered in no zone of $REGION"
  fi
  if answer=$(call ssm get-parameter --name "$AMI_PARAMETER" --query Parameter.Value --output text); then
    found_well "AMI: $answer"
  else
    found_ill "AMI: $(explain)"
  fi
  doctor_shared_folder
  doctor_health
  return "$DIAGNOSIS"
}

doctor_quotas() {
  local quota code market answer
  for quota in "${QUOTAS[@]}"; do
    read -r code market <<<"$quota"
    if ! answer=$(call service-quotas get-service-quota --service-code ec2 --quota-code "$code" \
      --query Quota.Value --output text); then
      found_ill "quota ($market): $(explain)"
    elif [ "${answer%.*}" -lt 4 ]; then
      found_ill "quota ($market): $answer vCPUs, and a $GPU_TYPE has 4: ask for more in Service Quotas ($code)"
    else
      found_well "quota ($market): $answer vCPUs"
    fi
  done
}

doctor_shared_folder() {
  local answer
  answer=$(call efs describe-file-systems --output text \
    --query "FileSystems[?Tags[?Key=='Project'&&Value=='video-message']].[FileSystemId,LifeCycleState,NumberOfMountTargets]") || {
    found_ill "EFS: $(explain)"
    return
  }
  if grep -q 'available' <<<"$answer"; then
    found_well "EFS: $(tr '\t\n' '  ' <<<"$answer")"
  else
    found_ill "EFS: no file system of the project is available"
  fi
}

doctor_health() {
  [ -n "${APP_URL:-}" ] || {
    echo "-     health: set APP_URL to the app's address to have it asked"
    return
  }
  if curl --silent --show-error --fail --max-time 10 --output /dev/null "$APP_URL/readyz" 2>"$ERRORS"; then
    found_well "health: $APP_URL is ready"
  else
    found_ill "health: $APP_URL is not ready ($(tr '\n' ' ' <"$ERRORS"))"
  fi
}

# --- the command line -----------------------------------------------------------------------

no_more() { [ $# -eq 0 ] || misused "what is '$1' for?"; }

role() { # VERB ARGUMENT [all]: app or gpu
  case ${2:-} in
    app | gpu) ;;
    all) [ "${3:-}" = all ] || misused "$1: app or gpu?" ;;
    *) misused "$1: app or gpu?" ;;
  esac
}

main() {
  local verb=${1:-}
  [ $# -eq 0 ] || shift
  case $verb in
    -h | --help | help) usage ;;
    start-app | start-gpu | start-all)
      no_more "$@"
      require_tools
      for_each_role start_role "${verb#start-}" ;;
    stop-app | stop-gpu | stop-all)
      local force=no
      if [ "${1:-}" = --force ]; then
        force=yes
        shift
      fi
      no_more "$@"
      require_tools
      for_each_role stop_role "${verb#stop-}" "$force" ;;
    status)
      no_more "$@"
      require_tools
      status ;;
    wait)
      [ $# -gt 0 ] || set -- all
      role wait "$1" all
      no_more "${@:2}"
      require_tools
      for_each_role wait_role "$1" ;;
    logs)
      role logs "${1:-}"
      no_more "${@:3}"
      require_tools
      logs "$@" ;;
    batch)
      [ "${1:-}" = --local ] || no_more "$@"
      no_more "${@:2}"
      [ "${1:-}" = --local ] || require_tools
      batch "$@" ;;
    cost) in_python infra.costs "$@" ;;
    doctor)
      no_more "$@"
      require_tools
      doctor ;;
    "") misused "what is to be done?" ;;
    *) misused "there is no verb '$verb'" ;;
  esac
}

require_tools() {
  command -v aws >/dev/null || fail "the AWS CLI is missing: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
}

main "$@"
