output "vpc_id" { value = aws_vpc.this.id }
output "subnet_ids" { value = [for zone in sort(keys(aws_subnet.public)) : aws_subnet.public[zone].id] }
output "app_security_group_id" { value = aws_security_group.app.id }
output "gpu_security_group_id" { value = aws_security_group.gpu.id }
output "efs_security_group_id" { value = aws_security_group.efs.id }

# For tests: a module's resources are seen from outside by its outputs alone.
output "rules" {
  value = {
    vpc_cidr   = aws_vpc.this.cidr_block
    subnets    = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block }
    app        = [for rule in aws_vpc_security_group_ingress_rule.app : { ports = "${rule.from_port}-${rule.to_port}", cidr = rule.cidr_ipv4 }]
    ssh_to_app = [for rule in aws_vpc_security_group_ingress_rule.app_ssh : { port = rule.from_port, cidr = rule.cidr_ipv4 }]
    ssh_to_gpu = [for rule in aws_vpc_security_group_ingress_rule.gpu_ssh : { port = rule.from_port, from = rule.referenced_security_group_id }]
    speech     = { port = aws_vpc_security_group_ingress_rule.speech.from_port, from = aws_vpc_security_group_ingress_rule.speech.referenced_security_group_id, cidr = aws_vpc_security_group_ingress_rule.speech.cidr_ipv4 }
    voicevox   = { port = aws_vpc_security_group_ingress_rule.voicevox.from_port, from = aws_vpc_security_group_ingress_rule.voicevox.referenced_security_group_id, cidr = aws_vpc_security_group_ingress_rule.voicevox.cidr_ipv4 }
    efs        = { for name, rule in aws_vpc_security_group_ingress_rule.efs : name => { port = rule.from_port, from = rule.referenced_security_group_id, cidr = rule.cidr_ipv4 } }
  }
}
