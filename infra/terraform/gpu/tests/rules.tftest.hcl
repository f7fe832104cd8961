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
    condition     = module.network.rules.zones == ["ap-northeast-1a", "ap-northeast-1c"]
    error_message = "The subnets must lie in the first and the third zone."
  }
  assert {
    condition     = module.network.rules.way_out.cidr == "0.0.0.0/0" && module.network.rules.way_out.is_the_gateway && module.network.rules.way_out.nat == null
    error_message = "The way out must be the internet gateway, and no NAT."
  }
  assert {
    condition = module.network.rules.ways_in == toset([
      "tcp 443-443 0.0.0.0/0 -> app", "tcp 80-80 0.0.0.0/0 -> app", "tcp 50021-50021 gpu -> app",
      "tcp 8001-8001 app -> gpu", "tcp 2049-2049 app -> efs", "tcp 2049-2049 gpu -> efs",
    ])
    error_message = "These must be all the ways in, each by its port and its source."
  }
  assert {
    condition     = module.network.rules.open_to_all == toset([80, 443])
    error_message = "The whole internet may reach 80 and 443, and never 22, 8001, 50021 or 2049."
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
    condition = module.network.rules.ways_in == toset([
      "tcp 55433-55434 0.0.0.0/0 -> app", "tcp 50021-50021 gpu -> app",
      "tcp 8001-8001 app -> gpu", "tcp 2049-2049 app -> efs", "tcp 2049-2049 gpu -> efs",
    ])
    error_message = "Without tls the app must answer on 55433 and 55434 alone."
  }
  assert {
    condition     = module.network.rules.open_to_all == toset([55433, 55434])
    error_message = "Without tls the whole internet may reach 55433 and 55434, and no other port."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "PLAIN_BIND=0.0.0.0\n") && strcontains(module.app.rules.user_data, "COMPOSE_PROFILES=\n")
    error_message = "Without tls the containers must answer outside, and Caddy must not."
  }
  assert {
    condition     = module.storage.rules.cors_origins == toset(["*"])
    error_message = "Without a name the pages' address is known only after the machine is made."
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
    condition = toset([for way in module.network.rules.ways_in : way if strcontains(way, " 22-22 ")]) == toset([
      "tcp 22-22 203.0.113.7/32 -> app", "tcp 22-22 app -> gpu",
    ])
    error_message = "Nobody else may reach port 22."
  }
  assert {
    condition = length(module.network.rules.open_to_all) == 0 && toset([for way in module.network.rules.ways_in : way if strcontains(way, " 443-443 ")]) == toset([
      "tcp 443-443 198.51.100.0/24 -> app", "tcp 443-443 203.0.113.0/24 -> app",
    ])
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
    condition     = alltrue([for machine in [module.app.rules, module.gpu[0].rules] : machine.http_tokens == "required" && machine.hops == 2 && machine.is_encrypted && machine.volume_type == "gp3"])
    error_message = "Machines must refuse IMDSv1, answer containers one hop away, and keep encrypted gp3 disks."
  }
  assert {
    condition     = module.app.rules.groups == toset([module.network.app_security_group_id]) && module.app.rules.subnet == module.network.subnet_ids[0] && module.app.rules.profile == module.iam.app_instance_profile
    error_message = "The app machine must stand in the first subnet behind its own group, with its own rights."
  }
  assert {
    condition     = module.gpu[0].rules.groups == toset([module.network.gpu_security_group_id]) && module.gpu[0].rules.subnet == module.network.subnet_ids[0] && module.gpu[0].rules.profile == module.iam.gpu_instance_profile
    error_message = "The GPU machine must stand in the first subnet behind its own group, with its own rights."
  }
  assert {
    condition     = length(setintersection(module.network.rules.open_to_all, [22, 8001, 50021, 2049])) == 0
    error_message = "22, 8001, 50021 and 2049 must never be open to the whole internet."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "PLAIN_BIND=127.0.0.1\n") && strcontains(module.app.rules.user_data, "COMPOSE_PROFILES=tls\n") && strcontains(module.app.rules.user_data, "DOMAIN=video.example.com\n")
    error_message = "With tls the containers must answer Caddy alone."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "COMPOSE_FILE=docker-compose.yml:infra/compose/aws.yml\n")
    error_message = "The app machine of two has no GPU to use."
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
    condition     = strcontains(module.app.rules.user_data, "\nSTORAGE_BUCKET=${module.storage.media_bucket}\n") && strcontains(module.app.rules.user_data, "\nSTORAGE_ORIGIN=https://${module.storage.media_bucket}.s3.ap-northeast-1.amazonaws.com\n")
    error_message = "The app must keep its files in the media bucket, and its pages may send there."
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
    condition     = alltrue([for machine in [module.app.rules, module.gpu[0].rules] : machine.http_tokens == "required" && machine.hops == 2 && machine.is_encrypted && machine.volume_type == "gp3"])
    error_message = "A spot machine must be as safe as one on demand."
  }
  assert {
    condition     = module.gpu[0].rules.groups == toset([module.network.gpu_security_group_id]) && module.gpu[0].rules.subnet == module.network.subnet_ids[0] && module.gpu[0].rules.profile == module.iam.gpu_instance_profile
    error_message = "A spot machine must stand behind the same group, with the same rights."
  }
  assert {
    condition     = module.gpu[0].rules.on_shutdown == "stop"
    error_message = "A spot machine must stop and not end when it turns itself off."
  }
  assert {
    condition     = length(setintersection(module.network.rules.open_to_all, [22, 8001, 50021, 2049])) == 0
    error_message = "22, 8001, 50021 and 2049 must never be open to the whole internet."
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
    condition     = strcontains(module.app.rules.user_data, "docker compose pull") && strcontains(module.app.rules.user_data, "IMAGE_REGISTRY=${var.image_registry}\n") && strcontains(module.gpu[0].rules.user_data, "docker pull --quiet ${var.image_registry}/openvoice-gpu\n") && !strcontains(module.app.rules.user_data, "docker compose build")
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
    condition     = module.app.rules.instance_type == "g4dn.xlarge" && module.app.rules.private_ip == "10.0.1.10" && length(module.app.rules.market) == 0 && alltrue([for machine in [module.app.rules] : machine.http_tokens == "required" && machine.hops == 2 && machine.is_encrypted && machine.volume_type == "gp3"])
    error_message = "The single machine must be a g4dn.xlarge, on demand, as safe as two."
  }
  assert {
    condition     = module.app.rules.groups == toset([module.network.app_security_group_id]) && module.app.rules.subnet == module.network.subnet_ids[0] && module.app.rules.profile == module.iam.app_instance_profile
    error_message = "The single machine must stand behind the app's group, with the app's rights."
  }
  assert {
    condition     = length(setintersection(module.network.rules.open_to_all, [22, 8001, 50021, 2049])) == 0
    error_message = "22, 8001, 50021 and 2049 must never be open to the whole internet."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "COMPOSE_FILE=docker-compose.yml:infra/compose/aws.yml:docker-compose.gpu.yml\n") && strcontains(module.app.rules.user_data, "POWER_PROVIDER=none")
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
  assert {
    condition     = length(module.gpu) == 0 && alltrue([for machine in [module.app.rules] : machine.http_tokens == "required" && machine.hops == 2 && machine.is_encrypted && machine.volume_type == "gp3"])
    error_message = "A single spot machine must be as safe as one on demand."
  }
  assert {
    condition     = module.app.rules.groups == toset([module.network.app_security_group_id]) && module.app.rules.subnet == module.network.subnet_ids[0] && module.app.rules.profile == module.iam.app_instance_profile
    error_message = "A single spot machine must stand behind the app's group, with the app's rights."
  }
  assert {
    condition     = length(setintersection(module.network.rules.open_to_all, [22, 8001, 50021, 2049])) == 0
    error_message = "22, 8001, 50021 and 2049 must never be open to the whole internet."
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
    condition     = alltrue([for each in values(module.schedule.rules.schedules) : each.role == module.iam.scheduler_role_arn && each.keeps])
    error_message = "Every schedule must use its own role, and keep what could not be delivered."
  }
  assert {
    condition     = module.schedule.rules.dead_letters == { is_encrypted = true, takes_failures = true }
    error_message = "What failed must be kept, and encrypted."
  }
  assert {
    condition     = module.schedule.rules.at_once == -1
    error_message = "A new account has no executions to reserve."
  }
}

run "the_schedule_of_weekdays" {
  command   = apply
  state_key = "the_schedule_of_weekdays"

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
  assert {
    condition     = module.storage.rules.cors_methods == toset(["PUT"]) && module.storage.rules.cors_headers == toset(["content-type", "x-amz-checksum-sha256"])
    error_message = "Pages may upload, with what their addresses are signed with, and do nothing else."
  }
  assert {
    condition     = module.storage.rules.versioning == "Disabled" && module.storage.rules.older_versions_end_after_days == 1
    error_message = "What somebody deletes must leave no older version behind."
  }
  assert {
    condition     = module.storage.rules.folder == { path = "/video-message", permissions = "0750" } && module.storage.rules.efs_groups == toset([module.network.efs_security_group_id])
    error_message = "The access point must open one folder, behind the shared folder's own group."
  }
  assert {
    condition = jsonencode(module.storage.rules.denials.efs) == jsonencode([{
      effect = "Deny", actions = ["*"], resources = [module.storage.file_system_arn], to = ["*"], when = ["Bool aws:SecureTransport false"]
    }])
    error_message = "Nobody may use the shared folder but over TLS."
  }
  assert {
    condition = jsonencode(module.storage.rules.denials.media) == jsonencode([{
      effect = "Deny", actions = ["s3:*"], resources = [module.storage.media_bucket_arn, "${module.storage.media_bucket_arn}/*"], to = ["*"], when = ["Bool aws:SecureTransport false"]
    }])
    error_message = "Nobody may use the media bucket but over TLS."
  }
  assert {
    condition     = alltrue(values(module.storage.rules.policies_are_set))
    error_message = "Both policies must be set on what they speak of."
  }
}

run "mails_by_ses" {
  command   = apply
  state_key = "mails_by_ses"

  variables {
    mail_transport = "ses"
    mail_from      = "post@video.example.com"
  }

  assert {
    condition = jsonencode(module.iam.rules.rights["app SendMails"]) == jsonencode({
      may = ["ses:SendEmail", "ses:SendRawEmail"]
      on = [
        "arn:aws:ses:ap-northeast-1:123456789012:identity/post@video.example.com",
        "arn:aws:ses:ap-northeast-1:123456789012:identity/video.example.com",
      ]
      when = ["StringEquals ses:FromAddress post@video.example.com"]
    })
    error_message = "The app may send from its own address, and from no other."
  }
  assert {
    condition     = strcontains(module.app.rules.user_data, "\nMAIL_TRANSPORT=ses\nMAIL_FROM=post@video.example.com\nMAIL_SES_REGION=ap-northeast-1\nENV\n")
    error_message = "The app must be told how mails leave, and of no server."
  }
}

run "mails_by_smtp" {
  command   = apply
  state_key = "mails_by_smtp"

  variables {
    mail_transport = "smtp"
    mail_from      = "post@video.example.com"
    smtp_host      = "smtp.example.com"
    smtp_user      = "post"
  }

  assert {
    condition     = strcontains(module.app.rules.user_data, "\nSMTP_HOST=smtp.example.com\nSMTP_PORT=587\nSMTP_SECURITY=starttls\nSMTP_USER=post\nSMTP_PASSWORD='$(given smtp-password)'\nENV\n")
    error_message = "The app must be told its server, and read the password from SSM."
  }
  assert {
    condition     = !contains(keys(module.iam.rules.rights), "app SendMails")
    error_message = "Who has a server of their own needs no right on SES."
  }
}

run "mails_need_a_sender_and_a_server" {
  command = plan

  variables {
    mail_transport = "smtp"
  }

  expect_failures = [check.a_sender_for_mails, check.a_server_for_mails]
}

run "mails_in_clear_are_refused" {
  command = plan

  variables {
    mail_transport = "pigeon"
    mail_from      = "nobody"
    smtp_security  = "none"
  }

  expect_failures = [var.mail_transport, var.mail_from, var.smtp_security]
}

run "rights" {
  command = apply

  assert {
    condition = jsonencode(module.iam.rules.rights) == jsonencode({
      "app MakeItsSecretsOnce"              = { may = ["ssm:PutParameter"], on = ["arn:aws:ssm:ap-northeast-1:123456789012:parameter/video-message/*"], when = ["StringEquals ssm:Overwrite false"] }
      "app KeepMedia"                       = { may = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"], on = ["${module.storage.media_bucket_arn}/*"], when = [] }
      "app ListMedia"                       = { may = ["s3:ListBucket", "s3:ListBucketMultipartUploads"], on = [module.storage.media_bucket_arn], when = [] }
      "app LookAtTheBucketsRules"           = { may = ["s3:GetBucketCORS", "s3:GetBucketVersioning"], on = [module.storage.media_bucket_arn], when = [] }
      "app LookAtMachines"                  = { may = ["ec2:DescribeInstances", "ec2:DescribeSpotInstanceRequests"], on = ["*"], when = ["StringEquals aws:RequestedRegion ap-northeast-1"] }
      "app NoteTheLeaseOfWork"              = { may = ["ec2:CreateTags"], on = ["arn:aws:ec2:ap-northeast-1:123456789012:instance/*"], when = ["ForAllValues:StringEquals aws:TagKeys lease-until", "StringEquals aws:ResourceTag/Role openvoice-gpu,video-message-app"] }
      "app PowerOfTheGpuMachine"            = { may = ["ec2:ModifyInstanceAttribute", "ec2:StartInstances", "ec2:StopInstances"], on = ["arn:aws:ec2:ap-northeast-1:123456789012:instance/*"], when = ["StringEquals aws:ResourceTag/Role openvoice-gpu"] }
      "machine MountTheSharedFolder"        = { may = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"], on = [module.storage.file_system_arn], when = ["StringEquals elasticfilesystem:AccessPointArn ${module.storage.access_point_arn}"] }
      "machine ReadItsSecrets"              = { may = ["ssm:GetParameter", "ssm:GetParameters"], on = ["arn:aws:ssm:ap-northeast-1:123456789012:parameter/video-message/*"], when = [] }
      "schedule LookAtMachines"             = { may = ["ec2:DescribeInstances"], on = ["*"], when = ["StringEquals aws:RequestedRegion ap-northeast-1"] }
      "schedule PowerOfTheProjectsMachines" = { may = ["ec2:StartInstances", "ec2:StopInstances"], on = ["arn:aws:ec2:ap-northeast-1:123456789012:instance/*"], when = ["StringEquals aws:ResourceTag/Role openvoice-gpu,video-message-app"] }
      "schedule WriteItsLog"                = { may = ["logs:CreateLogStream", "logs:PutLogEvents"], on = ["arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/lambda/video-message-schedule:*"], when = [] }
      "schedule KeepWhatFailed"             = { may = ["sqs:SendMessage"], on = ["arn:aws:sqs:ap-northeast-1:123456789012:video-message-schedule-undelivered"], when = [] }
      "scheduler KeepWhatWasNotDelivered"   = { may = ["sqs:SendMessage"], on = ["arn:aws:sqs:ap-northeast-1:123456789012:video-message-schedule-undelivered"], when = [] }
      "scheduler Invoke"                    = { may = ["lambda:InvokeFunction"], on = ["arn:aws:lambda:ap-northeast-1:123456789012:function:video-message-schedule"], when = [] }
    })
    error_message = "These must be all the rights: machines by their tag, secrets never overwritten, the shared folder by its access point."
  }
  assert {
    condition = jsonencode(module.iam.rules.trusted) == jsonencode({
      ec2       = [{ to = ["ec2.amazonaws.com"], when = [] }]
      lambda    = [{ to = ["lambda.amazonaws.com"], when = [] }]
      scheduler = [{ to = ["scheduler.amazonaws.com"], when = ["StringEquals aws:SourceAccount 123456789012"] }]
    })
    error_message = "Roles may be taken by their services alone, and the scheduler's for this account alone."
  }
  assert {
    condition     = alltrue(values(module.iam.rules.held_by))
    error_message = "Each policy must be its own role's."
  }
  assert {
    condition     = module.iam.rules.managed == toset(["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore", "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"])
    error_message = "Of AWS's own policies machines need the shell and the registry."
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
    condition     = module.observability.rules.budget_counts == ["user:Project$video-message"]
    error_message = "The budget must count what carries our tag."
  }
  assert {
    condition     = module.observability.rules.watched_queue == module.schedule.undelivered_queue && module.observability.rules.all_tell
    error_message = "Somebody must be told of an order of the schedule that failed, and of every other alarm."
  }
  assert {
    condition     = module.observability.rules.topic_key == null || module.observability.rules.topic_key == ""
    error_message = "CloudWatch must be able to publish: not with AWS's own key for SNS."
  }
}
