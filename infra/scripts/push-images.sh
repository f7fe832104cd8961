#!/usr/bin/env bash
# Builds the images and pushes them to ECR, for machines whose image_registry names it. See --help.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# An image's name, its Dockerfile, and its target where the file has several.
IMAGES=(
  "video-message-backend backend/Dockerfile"
  "video-message-frontend frontend/Dockerfile"
  "video-message-openvoice openvoice_service/Dockerfile cpu"
  "openvoice-gpu openvoice_service/Dockerfile cuda"
)
# t3 and g4dn are x86, whatever computer builds for them.
PLATFORM=linux/amd64
# A CUDA image is gigabytes, which ECR bills by the month.
KEPT=5
ERRORS=$(mktemp)
trap 'rm -f "$ERRORS"' EXIT

usage() {
  cat <<'TEXT'
push-images.sh ACCOUNT.dkr.ecr.REGION.amazonaws.com

Builds the four images for x86, makes their repositories where they lack, and pushes each as
`latest`, which the machines pull, and under the commit that it was built from.
Needs docker, the AWS CLI and its credentials. Afterwards: image_registry in Terraform.
TEXT
}

fail() {
  echo "push-images.sh: $*" >&2
  exit 1
}

misused() {
  echo "push-images.sh: $*" >&2
  echo "Try: make push REGISTRY=123456789012.dkr.ecr.ap-northeast-1.amazonaws.com" >&2
  exit 2
}

ecr() { # ARGUMENTS...: the answer, or 1 with AWS's own words in $ERRORS
  aws --region "$REGION" ecr "$@" 2>"$ERRORS"
}

refused() { # WHAT: the end, with AWS's own words
  fail "$1: $(grep -v '^[[:space:]]*$' "$ERRORS" | paste -sd' ' -)"
}

require_tools() {
  command -v docker >/dev/null || fail "docker is missing, which builds the images: https://docs.docker.com/engine/install/"
  docker version >/dev/null 2>"$ERRORS" || fail "docker does not answer: is its engine started? $(tail -n 1 "$ERRORS")"
  command -v aws >/dev/null || fail "the AWS CLI is missing: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
}

log_in() {
  local password
  password=$(ecr get-login-password) || refused "ECR lets nobody in with these credentials"
  docker login --username AWS --password-stdin "$REGISTRY" <<<"$password" >/dev/null ||
    fail "docker could not log in to $REGISTRY"
}

# Not Terraform's: the images must be there before its machines start and pull them.
make_repositories() { # those that lack
  local there image name
  there=$(ecr describe-repositories --query 'repositories[].repositoryName' --output text) ||
    refused "the repositories cannot be looked at"
  for image in "${IMAGES[@]}"; do
    name=${image%% *}
    grep -qxF "$name" < <(tr '\t' '\n' <<<"$there") || make_repository "$name"
  done
}

make_repository() { # NAME
  ecr create-repository --repository-name "$1" --image-scanning-configuration scanOnPush=true \
    --tags Key=Project,Value=video-message >/dev/null || refused "the repository $1 cannot be made"
  ecr put-lifecycle-policy --repository-name "$1" --lifecycle-policy-text "$(lifecycle_policy)" >/dev/null ||
    refused "the repository $1 does not take its rule"
  echo "$1: its repository is made"
}

lifecycle_policy() {
  cat <<JSON
{"rules": [{"rulePriority": 1, "description": "Only the last few", "action": {"type": "expire"},
  "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": $KEPT}}]}
JSON
}

build() { # VERSION NAME DOCKERFILE [TARGET]
  local target=()
  [ -z "${4:-}" ] || target=(--target "$4")
  # An empty list is an unset one to the bash of macOS.
  docker build --platform "$PLATFORM" --file "$3" ${target[@]+"${target[@]}"} \
    --tag "$REGISTRY/$2:$1" --tag "$REGISTRY/$2:latest" . || fail "$2 is not built; nothing was pushed"
}

push() { # VERSION NAME
  local tag
  for tag in "$1" latest; do
    docker push --quiet "$REGISTRY/$2:$tag" || fail "$2:$tag is not pushed; the images before it are"
  done
}

push_all() {
  local image version parts
  # A tree with changes says so in its images' tags.
  version=$(git describe --always --dirty --abbrev=12 --exclude '*')
  log_in
  make_repositories
  # All are built before the first is pushed, so that the registry never holds half of a version.
  for image in "${IMAGES[@]}"; do
    read -ra parts <<<"$image"
    build "$version" "${parts[@]}"
  done
  for image in "${IMAGES[@]}"; do
    push "$version" "${image%% *}"
  done
  echo "Pushed $version. In Terraform: image_registry = \"$REGISTRY\""
}

main() {
  [ $# -eq 1 ] || misused "which registry?"
  case $1 in
    -h | --help | help)
      usage
      exit ;;
    "") misused "which registry?" ;;
  esac
  REGISTRY=$1
  [[ $REGISTRY =~ ^[0-9]{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$ ]] ||
    misused "'$REGISTRY' is no registry of ECR"
  REGION=${BASH_REMATCH[1]}
  require_tools
  cd "$ROOT"
  push_all
}

main "$@"
