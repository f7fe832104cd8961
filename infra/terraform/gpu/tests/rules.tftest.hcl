# What must hold on every topology and market, on a provider that makes nothing.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_ssm_parameter" {
    defaults = { insecure_value = "ami-0123456789abcdef0", value = "ami-0123456789abcdef0" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:video-message-schedule" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-northeast-1:123456789012:video-message-alarms" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:ap-northeast-1:123456789012:undelivered" }
  }
  mock_resource "aws_efs_file_system" {
    defaults = { arn = "arn:aws:elasticfilesystem:ap-northeast-1:123456789012:file-system/fs-1" }
  }
  mock_resource "aws_efs_access_point" {
    defaults = { arn = "arn:aws:elasticfilesystem:ap-northeast-1:123456789012:access-point/fsap-1" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::video-message-media-1" }
  }
}

variables {
  domain         = "video.example.com"
  repository_url = "https://git.example.com/video-message.git"
}

run "the_network" {
  command = apply

  assert {
    condition     = module.network.rules.vpc_cidr == "10.0.0.0/16" && module.network.rules.subnets == { a = "10.0.1.0/24", c = "10.0.2.0/24" }
    error_message = "The network must be 10.0.0.0/16 with public subnets in two zones."
  }
  assert {
    condition     = toset([for rule in module.network.rules.app : rule.ports]) == toset(["443-443", "80-80"])
    error_message = "With tls the app must answer on 443 and 80 alone."
  }
  assert {
    condition     = length(module.network.rules.ssh_to_app) == 0 && length(module.network.rules.ssh_to_gpu) == 0
    error_message = "Port 22 must be closed unless admin_cidrs names somebody."
  }
  assert {
    condition     = jsonencode(module.network.rules.speech) == jsonencode({ port = 8001, from = module.network.app_security_group_id, cidr = null })
    error_message = "8001 must be open to the app machine alone."
  }
  assert {
    condition     = jsonencode(module.network.rules.voicevox) == jsonencode({ port = 50021, from = module.network.gpu_security_group_id, cidr = null })
    error_message = "50021 must be open to the GPU machine alone."
  }
  assert {
    condition     = jsonencode(module.network.rules.efs) == jsonencode({ app = { port = 2049, from = module.network.app_security_group_id, cidr = null }, gpu = { port = 2049, from = module.network.gpu_security_group_id, cidr = null } })
    error_message = "2049 must be open to both machines and to nobody else."
  }
}

run "plain_http_is_the_plans_way" {
  command   = apply
  state_key = "plain_http_is_the_plans_way"

  variables {
    tls    = false
    domain = ""
  }

  assert {
    condition     = toset([for rule in module.network.rules.app : rule.ports]) == toset(["55433-55434"])
    error_message = "Without tls the app must answer on 55433 and 55434 alone."
  }
  assert {
    condition     = startswith(output.app_url, "http://")
    error_message = "Without tls the address must say http."
  }
}

run "ssh_for_one_operator" {
  command = apply

  variables {
    admin_cidrs   = ["203.0.113.7/32"]
    allowed_cidrs = ["198.51.100.0/24", "203.0.113.0/24"]
  }

  assert {
    condition     = [for rule in module.network.rules.ssh_to_app : rule.cidr] == ["203.0.113.7/32"]
    error_message = "Port 22 of the app machine must be open to admin_cidrs alone."
  }
  assert {
    condition     = [for rule in module.network.rules.ssh_to_gpu : rule.from] == [module.network.app_security_group_id]
    error_message = "Port 22 of the GPU machine must be open to the app machine alone."
  }
  assert {
    condition     = toset([for rule in module.network.rules.app : rule.cidr]) == toset(["198.51.100.0/24", "203.0.113.0/24"])
    error_message = "The app must be open to allowed_cidrs alone."
  }
}

run "ssh_for_everybody_is_refused" {
  command = plan

  variables {
    admin_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.admin_cidrs]
}

run "unknown_words_are_refused" {
  command = plan

  variables {
    topology       = "triple"
    gpu_market     = "free"
    spot_max_price = "cheap"
    app_hours      = "sometimes"
    repository_url = "git@example.com:x"
  }

  expect_failures = [var.topology, var.gpu_market, var.spot_max_price, var.app_hours, var.repository_url]
}

run "tls_needs_a_name" {
  command = plan

  variables {
    domain = ""
  }

  expect_failures = [check.a_name_for_tls]
}

run "split_on_demand" {
  command   = apply
  state_key = "split_on_demand"

  assert {
    condition     = module.app.rules.instance_type == "t3.large" && module.app.rules.private_ip == "10.0.1.10" && module.app.rules.role == "video-message-app"
    error_message = "The app must be a t3.large at 10.0.1.10, with its tag."
  }
  assert {
    condition     = module.gpu[0].rules.instance_type == "g4dn.xlarge" && module.gpu[0].rules.private_ip == "10.0.1.20" && module.gpu[0].rules.role == "openvoice-gpu"
    error_message = "The GPU machine must be a g4dn.xlarge at 10.0.1.20, with its tag."
  }
  assert {
    condition     = alltrue([for machine in [module.app.rules, module.gpu[0].rules] : machine.http_tokens == "required" && machine.is_encrypted && machine.volume_type == "gp3"])
    error_message = "Machines must refuse IMDSv1, and keep encrypted gp3 disks."
  }
  assert {
    condition     = length(module.gpu[0].rules.market) == 0 && length(module.app.rules.market) == 0
    error_message = "On demand nothing is bought as spot."
  }
  assert {
    condition     = module.gpu[0].rules.on_shutdown == "stop"
    error_message = "The watchdog's shutdown must not terminate the machine."
  }
  assert {
    condition     = alltrue([for script in [module.app.rules.user_data, module.gpu[0].rules.user_data] : strcontains(script, "/mnt/shared efs _netdev,tls,iam,accesspoint=") && strcontains(script, "set -euo pipefail")])
    error_message = "Both machines must mount the shared folder by its access point, over TLS."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "POWER_PROVIDER=ec2") && strcontains(module.app.rules.user_data, "POWER_EC2_TAG=Role=openvoice-gpu")
    error_message = "The app must find the GPU machine by its tag."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "docker-buildx") && strcontains(module.gpu[0].rules.user_data, "systemctl enable video-message-setup.service")
    error_message = "The app machine must bring a buildx that compose takes, and the GPU machine must end its set-up after a stop."
  }
  assert {
    condition     = strcontains(module.gpu[0].rules.user_data, "openvoice_service watchdog") && strcontains(module.gpu[0].rules.user_data, "--patience 900")
    error_message = "The GPU machine must arm its watchdog."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "docker compose build") && !strcontains(module.app.rules.user_data, "docker login")
    error_message = "Without a registry the machines must build their images."
  }
}

run "split_on_spot_from_a_registry" {
  command   = apply
  state_key = "split_on_spot_from_a_registry"

  variables {
    gpu_market     = "spot"
    key_name       = "operator"
    image_registry = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"
  }

  assert {
    condition     = module.app.rules.key_name == "operator" && module.gpu[0].rules.key_name == "operator"
    error_message = "Both machines must know the operator's key."
  }
  assert {
    condition     = module.gpu[0].rules.market == [{ max_price = "0.30", kind = "persistent", on_interruption = "stop" }]
    error_message = "Spot must be a persistent request that stops, at 0.30 $ an hour at most."
  }
  assert {
    condition     = length(module.app.rules.market) == 0
    error_message = "The app machine of the split topology is never spot."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "POWER_MARKET=spot")
    error_message = "The app must reckon with the spot price."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "docker compose pull") && strcontains(module.gpu[0].rules.user_data, "docker pull")
    error_message = "With a registry the machines must pull their images."
  }
}

run "single_on_demand" {
  command   = apply
  state_key = "single_on_demand"

  variables {
    topology = "single"
  }

  assert {
    condition     = length(module.gpu) == 0 && output.gpu_instance_id == "" && output.gpu_private_ip == ""
    error_message = "A single machine must be the only one."
  }
  assert {
    condition     = module.app.rules.instance_type == "g4dn.xlarge" && length(module.app.rules.market) == 0 && module.app.rules.http_tokens == "required" && module.app.rules.is_encrypted
    error_message = "The single machine must be a g4dn.xlarge, on demand, as safe as two."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "infra/compose/gpu.yml") && strcontains(module.app.rules.user_data, "POWER_PROVIDER=none")
    error_message = "The single machine must use its own GPU, and must not try to start another one."
  }
}

run "single_on_spot" {
  command   = apply
  state_key = "single_on_spot"

  variables {
    topology       = "single"
    gpu_market     = "spot"
    spot_max_price = "0.40"
  }

  assert {
    condition     = module.app.rules.market == [{ max_price = "0.40", kind = "persistent", on_interruption = "stop" }]
    error_message = "A single spot machine must be a persistent request that stops."
  }
}

run "the_schedule" {
  command = apply

  assert {
    condition     = keys(module.schedule.rules.schedules) == ["gpu-stop"] && module.schedule.rules.schedules["gpu-stop"].zone == "Asia/Tokyo"
    error_message = "Always open: the GPU is stopped every night, and nothing else."
  }
  assert {
    condition     = alltrue([for each in values(module.schedule.rules.schedules) : !(each.event.action == "start" && each.event.target != "app")])
    error_message = "No schedule may start the GPU."
  }
  assert {
    condition     = module.schedule.rules.environment == tomap({ APP_TAG = "Role=video-message-app", GPU_TAG = "Role=openvoice-gpu", APP_HOURS = "always", SKIP_HOLIDAYS = "false" })
    error_message = "The function must be told tags and hours."
  }
  assert {
    condition     = module.schedule.rules.reserved == -1
    error_message = "A new account has no executions to reserve."
  }
}

run "the_schedule_of_weekdays" {
  command = apply

  variables {
    app_hours     = "weekday"
    skip_holidays = true
  }

  assert {
    condition     = { for name, each in module.schedule.rules.schedules : name => each.at } == { gpu-stop = "cron(0 3 * * ? *)", app-start = "cron(0 9 ? * MON-FRI *)", app-stop = "cron(0 19 ? * MON-FRI *)" }
    error_message = "On weekdays the app must be on from nine to seven."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "APP_HOURS=weekday") && strcontains(module.app.rules.user_data, "SKIP_HOLIDAYS=true") && strcontains(module.app.rules.user_data, "POWER_EC2_APP_TAG=Role=video-message-app")
    error_message = "The app must know its hours, which it tells senders, and its own tag, on which it leases itself."
  }
  assert {
    condition     = alltrue([for each in values(module.schedule.rules.schedules) : each.zone == "Asia/Tokyo" && each.event.by == "schedule"])
    error_message = "Every schedule must keep Tokyo's time, and say who asks."
  }
  assert {
    condition     = module.schedule.rules.environment.APP_HOURS == "weekday" && module.schedule.rules.environment.SKIP_HOLIDAYS == "true"
    error_message = "The function must be told the hours."
  }
}

run "storage" {
  command = apply

  assert {
    condition     = module.storage.rules.efs_is_encrypted && module.storage.rules.mount_targets == 2 && module.storage.rules.backup == "ENABLED" && module.storage.rules.uid == 10001
    error_message = "The shared folder must be encrypted, backed up, and reachable in both zones as the images' user."
  }
  assert {
    condition     = alltrue(values(module.storage.rules.public_access_is_blocked)) && module.storage.rules.sse == "AES256"
    error_message = "Media must be encrypted, and closed to the public."
  }
  assert {
    condition     = module.storage.rules.broken_uploads_end_after_days == 1 && module.storage.rules.cors_origins == toset(["https://video.example.com"])
    error_message = "Broken uploads must end, and only the app's pages may use the bucket."
  }
}

run "rights" {
  command = apply

  assert {
    condition     = module.iam.rules.gpu_power.actions == toset(["ec2:StartInstances", "ec2:StopInstances", "ec2:ModifyInstanceAttribute"]) && tolist(module.iam.rules.gpu_power.tag) == tolist(["openvoice-gpu"])
    error_message = "The app may start and stop only what carries the GPU machine's tag."
  }
  assert {
    condition     = module.iam.rules.schedule_power.actions == toset(["ec2:StartInstances", "ec2:StopInstances"]) && toset(module.iam.rules.schedule_power.tag) == toset(["video-message-app", "openvoice-gpu"])
    error_message = "The schedule may start and stop only the project's machines."
  }
  assert {
    condition     = module.iam.rules.lease_tags.actions == toset(["ec2:CreateTags"]) && module.iam.rules.lease_tags.limits["aws:TagKeys"] == toset(["lease-until"]) && module.iam.rules.lease_tags.limits["aws:ResourceTag/Role"] == toset(["video-message-app", "openvoice-gpu"])
    error_message = "The app may write no tag but the lease, and only on the project's machines."
  }
  assert {
    condition     = module.iam.rules.stars == toset(["LookAtMachines"])
    error_message = "Only looking may go without a resource."
  }
  assert {
    condition     = tolist(module.iam.rules.access_point) == tolist([module.storage.access_point_arn])
    error_message = "The shared folder may be mounted by its access point alone."
  }
}

run "alarms" {
  command = apply

  variables {
    alarm_email        = "operator@example.com"
    monthly_budget_usd = 150
  }

  assert {
    condition     = module.observability.rules.email == ["operator@example.com"] && module.observability.rules.budget == ["150"] && module.observability.rules.forgotten_after_h == [5]
    error_message = "Somebody must be told of a forgotten GPU and a spent budget."
  }
  assert {
    condition     = module.observability.rules.topic_key == null || module.observability.rules.topic_key == ""
    error_message = "CloudWatch must be able to publish: not with AWS's own key for SNS."
  }
}
