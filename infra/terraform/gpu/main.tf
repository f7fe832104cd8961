locals {
  project   = "video-message"
  is_split  = var.topology == "split"
  plain_ami = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
  roles     = { app = "video-message-app", gpu = "openvoice-gpu" }
  app_url   = var.tls ? "https://${var.domain}" : "http://${module.app.public_ip}:55434"
}

module "network" {
  source = "../modules/network"

  project       = local.project
  region        = var.region
  tls           = var.tls
  allowed_cidrs = var.allowed_cidrs
  admin_cidrs   = var.admin_cidrs
}

module "storage" {
  source = "../modules/storage"

  project              = local.project
  subnet_ids           = module.network.subnet_ids
  efs_security_group   = module.network.efs_security_group_id
  allowed_cors_origins = var.tls ? ["https://${var.domain}"] : ["*"]
}

module "iam" {
  source = "../modules/iam"

  project          = local.project
  region           = var.region
  roles            = local.roles
  media_bucket_arn = module.storage.media_bucket_arn
  file_system_arn  = module.storage.file_system_arn
  access_point_arn = module.storage.access_point_arn
  ses_sender       = var.mail_transport == "ses" ? var.mail_from : ""
}

module "app" {
  source = "../modules/app"

  project           = local.project
  region            = var.region
  role              = local.roles.app
  instance_type     = local.is_split ? var.app_instance_type : var.gpu_instance_type
  has_gpu           = !local.is_split
  ami_parameter     = local.is_split ? local.plain_ami : var.gpu_ami_parameter
  market            = local.is_split ? "on-demand" : var.gpu_market
  spot_max_price    = var.spot_max_price
  subnet_id         = module.network.subnet_ids[0]
  security_group_id = module.network.app_security_group_id
  instance_profile  = module.iam.app_instance_profile
  file_system_id    = module.storage.file_system_id
  access_point_id   = module.storage.access_point_id
  media_bucket      = module.storage.media_bucket
  key_name          = var.key_name
  repository_url    = var.repository_url
  repository_ref    = var.repository_ref
  image_registry    = var.image_registry
  tls               = var.tls
  domain            = var.domain
  gpu_tag           = "Role=${local.roles.gpu}"
  power_provider    = local.is_split ? "ec2" : "none"
  power_market      = var.gpu_market == "spot" ? "spot" : "on_demand"
  app_hours         = var.app_hours
  skip_holidays     = var.skip_holidays
  mail = {
    transport     = var.mail_transport
    from          = var.mail_from
    smtp_host     = var.smtp_host
    smtp_port     = var.smtp_port
    smtp_security = var.smtp_security
    smtp_user     = var.smtp_user
  }
}

module "gpu" {
  source = "../modules/gpu"
  count  = local.is_split ? 1 : 0

  project           = local.project
  region            = var.region
  role              = local.roles.gpu
  instance_type     = var.gpu_instance_type
  ami_parameter     = var.gpu_ami_parameter
  market            = var.gpu_market
  spot_max_price    = var.spot_max_price
  subnet_id         = module.network.subnet_ids[0]
  security_group_id = module.network.gpu_security_group_id
  instance_profile  = module.iam.gpu_instance_profile
  file_system_id    = module.storage.file_system_id
  access_point_id   = module.storage.access_point_id
  key_name          = var.key_name
  repository_url    = var.repository_url
  repository_ref    = var.repository_ref
  image_registry    = var.image_registry
}

module "schedule" {
  source = "../modules/schedule"

  project       = local.project
  roles         = local.roles
  app_hours     = var.app_hours
  skip_holidays = var.skip_holidays
  archive       = var.schedule_zip
  role_arn      = module.iam.schedule_role_arn
  invoker_arn   = module.iam.scheduler_role_arn
}

module "observability" {
  source = "../modules/observability"

  project            = local.project
  alarm_email        = var.alarm_email
  monthly_budget_usd = var.monthly_budget_usd
  app_instance_id    = module.app.instance_id
  gpu_instance_id    = local.is_split ? module.gpu[0].instance_id : ""
  has_gpu_machine    = local.is_split
  undelivered_queue  = module.schedule.undelivered_queue
}

# Named here, since a variable's own validation sees no other variable before 1.9.
check "a_name_for_tls" {
  assert {
    condition     = !var.tls || var.domain != ""
    error_message = "tls needs a domain: set domain, or tls = false."
  }
}

check "a_sender_for_mails" {
  assert {
    condition     = var.mail_transport == "none" || var.mail_from != ""
    error_message = "Mails need a sender: set mail_from, or mail_transport = \"none\"."
  }
}

check "a_server_for_mails" {
  assert {
    condition     = var.mail_transport != "smtp" || var.smtp_host != ""
    error_message = "smtp needs a server: set smtp_host, or mail_transport = \"ses\"."
  }
}
