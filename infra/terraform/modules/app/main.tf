locals {
  # The address is made before the machine, so that the machine can be told.
  public_url = var.tls ? "https://${var.domain}" : "http://${aws_eip.app.public_ip}:55434"
  disk_gb    = var.has_gpu ? 100 : 50

  user_data = templatefile("${path.module}/user_data.sh.tftpl", {
    project         = var.project
    region          = var.region
    has_gpu         = var.has_gpu
    file_system_id  = var.file_system_id
    access_point_id = var.access_point_id
    media_bucket    = var.media_bucket
    repository_url  = var.repository_url
    repository_ref  = var.repository_ref
    image_registry  = var.image_registry
    tls             = var.tls
    domain          = var.domain
    public_url      = local.public_url
    gpu_tag         = var.gpu_tag
    power_provider  = var.power_provider
    power_market    = var.power_market
    app_tag         = "Role=${var.role}"
    app_hours       = var.app_hours
    skip_holidays   = var.skip_holidays
    mail            = var.mail
  })
}

data "aws_ssm_parameter" "ami" {
  name = var.ami_parameter
}

resource "aws_instance" "app" {
  #checkov:skip=CKV_AWS_126:The status checks that the alarm watches come each minute without it; it costs 2 $ a month

  ami                    = data.aws_ssm_parameter.ami.insecure_value
  instance_type          = var.instance_type
  subnet_id              = var.subnet_id
  private_ip             = "10.0.1.10"
  vpc_security_group_ids = [var.security_group_id]
  iam_instance_profile   = var.instance_profile
  key_name               = var.key_name == "" ? null : var.key_name
  user_data              = local.user_data
  ebs_optimized          = true

  dynamic "instance_market_options" {
    for_each = var.market == "spot" ? [1] : []

    content {
      market_type = "spot"

      spot_options {
        max_price                      = var.spot_max_price
        spot_instance_type             = "persistent"
        instance_interruption_behavior = "stop"
      }
    }
  }

  metadata_options {
    http_tokens = "required"
    # One hop more, for the containers that use the machine's role.
    http_put_response_hop_limit = 2
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = local.disk_gb
    encrypted   = true
    tags        = { Name = "${var.project}-app" }
  }

  tags = { Name = "${var.project}-app", Role = var.role }

  # A newer image, another key or line in the script is no reason to lose the database: replace it
  # with -replace when that is meant. Whether it runs is the schedule's business.
  lifecycle {
    ignore_changes = [ami, key_name, user_data, instance_market_options]
  }
}

resource "aws_eip" "app" {
  domain = "vpc"
  tags   = { Name = "${var.project}-app" }
}

resource "aws_eip_association" "app" {
  allocation_id = aws_eip.app.id
  instance_id   = aws_instance.app.id
}
