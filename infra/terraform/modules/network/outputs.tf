output "vpc_id" { value = aws_vpc.this.id }
output "app_security_group_id" { value = aws_security_group.app.id }
output "gpu_security_group_id" { value = aws_security_group.gpu.id }
output "efs_security_group_id" { value = aws_security_group.efs.id }

# Whoever stands in them needs the way out: a machine's first script at its first boot, an address
# before it can be attached.
output "subnet_ids" {
  value      = [for zone in sort(keys(aws_subnet.public)) : aws_subnet.public[zone].id]
  depends_on = [aws_route.internet, aws_route_table_association.public, aws_vpc_security_group_egress_rule.out]
}

# For tests: a module's resources are seen from outside by its outputs alone.
locals {
  groups = { (aws_security_group.app.id) = "app", (aws_security_group.gpu.id) = "gpu", (aws_security_group.efs.id) = "efs" }
  # Every rule that lets somebody in; test_terraform.py sees to it that none is left out.
  ways_in = concat(
    values(aws_vpc_security_group_ingress_rule.app),
    values(aws_vpc_security_group_ingress_rule.app_ssh),
    [aws_vpc_security_group_ingress_rule.voicevox, aws_vpc_security_group_ingress_rule.speech],
    aws_vpc_security_group_ingress_rule.gpu_ssh[*],
    values(aws_vpc_security_group_ingress_rule.efs),
  )
}

output "rules" {
  value = {
    # Such as "tcp 8001-8001 app -> gpu"; an address in the place of a group is one outside.
    ways_in = toset([for rule in local.ways_in :
      "${rule.ip_protocol} ${rule.from_port}-${rule.to_port} ${coalesce(rule.cidr_ipv4, rule.cidr_ipv6, rule.prefix_list_id, try(local.groups[rule.referenced_security_group_id], null), "unknown")} -> ${local.groups[rule.security_group_id]}"
    ])
    open_to_all = toset(flatten([for rule in local.ways_in : range(rule.from_port, rule.to_port + 1) if rule.cidr_ipv4 == "0.0.0.0/0" || rule.cidr_ipv6 != null]))
    way_out     = { cidr = aws_route.internet.destination_cidr_block, is_the_gateway = aws_route.internet.gateway_id == aws_internet_gateway.this.id, nat = aws_route.internet.nat_gateway_id }
    zones       = [for zone in sort(keys(aws_subnet.public)) : aws_subnet.public[zone].availability_zone]
    vpc_cidr    = aws_vpc.this.cidr_block
    subnets     = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block }
  }
}
