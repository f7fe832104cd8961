# One public subnet in each of two zones and no NAT: a NAT gateway alone would cost more than the app.
locals {
  zones = { a = "10.0.1.0/24", c = "10.0.2.0/24" }
  # With tls Caddy answers on 443 and sends 80 there; without, the plan's own two ports.
  app_ports = var.tls ? { https = [443, 443], http = [80, 80] } : { app = [55433, 55434] }
  app_doors = {
    for pair in setproduct(keys(local.app_ports), var.allowed_cidrs) :
    "${pair[0]} ${pair[1]}" => { ports = local.app_ports[pair[0]], cidr = pair[1] }
  }
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:Flow logs are paid by the gigabyte and would name every recipient's address

  cidr_block           = "10.0.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.project }
}

# What nobody names gets nothing.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.project}-unused" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = var.project }
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value
  availability_zone = "${var.region}${each.key}"
  tags              = { Name = "${var.project}-public-${each.key}" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.project}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

# Media go to S3 inside the network, at no price.
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.${var.region}.s3"
  route_table_ids = [aws_route_table.public.id]
  tags            = { Name = "${var.project}-s3" }
}

# --- who may talk to whom -------------------------------------------------------------------

resource "aws_security_group" "app" {
  #checkov:skip=CKV2_AWS_5:The machine of ../app carries it, which checkov does not follow

  name        = "${var.project}-app"
  description = "The app machine"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.project}-app" }
}

resource "aws_security_group" "gpu" {
  #checkov:skip=CKV2_AWS_5:The machine of ../gpu carries it, which checkov does not follow

  name        = "${var.project}-gpu"
  description = "The GPU machine"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.project}-gpu" }
}

resource "aws_security_group" "efs" {
  #checkov:skip=CKV2_AWS_5:The mount targets of ../storage carry it, which checkov does not follow

  name        = "${var.project}-efs"
  description = "The shared folder"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.project}-efs" }
}

resource "aws_vpc_security_group_ingress_rule" "app" {
  for_each = local.app_doors

  security_group_id = aws_security_group.app.id
  description       = "The app, for whoever may use it"
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.ports[0]
  to_port           = each.value.ports[1]
}

resource "aws_vpc_security_group_ingress_rule" "app_ssh" {
  for_each = toset(var.admin_cidrs)

  security_group_id = aws_security_group.app.id
  description       = "ssh for the operator"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}

resource "aws_vpc_security_group_ingress_rule" "voicevox" {
  security_group_id            = aws_security_group.app.id
  description                  = "VOICEVOX, for the GPU lane alone"
  referenced_security_group_id = aws_security_group.gpu.id
  ip_protocol                  = "tcp"
  from_port                    = 50021
  to_port                      = 50021
}

resource "aws_vpc_security_group_ingress_rule" "speech" {
  security_group_id            = aws_security_group.gpu.id
  description                  = "The speech service, for the app alone"
  referenced_security_group_id = aws_security_group.app.id
  ip_protocol                  = "tcp"
  from_port                    = 8001
  to_port                      = 8001
}

# By way of the app machine (`ssh -J`), and only where the operator has opened that.
resource "aws_vpc_security_group_ingress_rule" "gpu_ssh" {
  #checkov:skip=CKV_AWS_24:Its source is the app machine's group, and no address

  count = length(var.admin_cidrs) > 0 ? 1 : 0

  security_group_id            = aws_security_group.gpu.id
  description                  = "ssh by way of the app machine"
  referenced_security_group_id = aws_security_group.app.id
  ip_protocol                  = "tcp"
  from_port                    = 22
  to_port                      = 22
}

resource "aws_vpc_security_group_ingress_rule" "efs" {
  for_each = { app = aws_security_group.app.id, gpu = aws_security_group.gpu.id }

  security_group_id            = aws_security_group.efs.id
  description                  = "NFS for the ${each.key} machine"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

# Images, packages and weights are fetched from where they are published.
resource "aws_vpc_security_group_egress_rule" "out" {
  for_each = { app = aws_security_group.app.id, gpu = aws_security_group.gpu.id }

  security_group_id = each.value
  description       = "Out"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
