data "aws_ssm_parameter" "ami" {
  name = var.ami_parameter
}

resource "aws_instance" "gpu" {
  #checkov:skip=CKV_AWS_126:Its one alarm counts hours; detailed monitoring costs 2 $ a month
  #checkov:skip=CKV_AWS_88:The way out to packages and images without a NAT gateway; the security group lets nobody in

  ami                    = data.aws_ssm_parameter.ami.insecure_value
  instance_type          = var.instance_type
  subnet_id              = var.subnet_id
  private_ip             = "10.0.1.20"
  vpc_security_group_ids = [var.security_group_id]
  iam_instance_profile   = var.instance_profile
  key_name               = var.key_name == "" ? null : var.key_name
  ebs_optimized          = true
  # Packages and images come from the internet, and there is no NAT; nobody may come in this way.
  associate_public_ip_address = true
  # Its own watchdog turns it off, and that must not throw it away.
  instance_initiated_shutdown_behavior = "stop"

  user_data = templatefile("${path.module}/user_data.sh.tftpl", {
    project         = var.project
    region          = var.region
    file_system_id  = var.file_system_id
    access_point_id = var.access_point_id
    repository_url  = var.repository_url
    repository_ref  = var.repository_ref
    image_registry  = var.image_registry
  })

  dynamic "instance_market_options" {
    for_each = var.market == "spot" ? [1] : []

    content {
      market_type = "spot"

      spot_options {
        max_price = var.spot_max_price
        # A one-time request cannot be stopped, and stopping is the point.
        spot_instance_type             = "persistent"
        instance_interruption_behavior = "stop"
      }
    }
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = 100
    encrypted   = true
    tags        = { Name = "${var.project}-gpu" }
  }

  tags = { Name = "${var.project}-gpu", Role = var.role }

  # The power controller starts and stops it, and may change its type where there is no room.
  lifecycle {
    ignore_changes = [ami, key_name, user_data, instance_type, instance_market_options, associate_public_ip_address]
  }
}
