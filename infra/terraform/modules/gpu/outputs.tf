output "instance_id" { value = aws_instance.gpu.id }
output "private_ip" { value = aws_instance.gpu.private_ip }

# For tests: a module's resources are seen from outside by its outputs alone.
output "rules" {
  value = {
    instance_type = aws_instance.gpu.instance_type
    private_ip    = aws_instance.gpu.private_ip
    role          = aws_instance.gpu.tags["Role"]
    http_tokens   = aws_instance.gpu.metadata_options[0].http_tokens
    hops          = aws_instance.gpu.metadata_options[0].http_put_response_hop_limit
    groups        = aws_instance.gpu.vpc_security_group_ids
    subnet        = aws_instance.gpu.subnet_id
    profile       = aws_instance.gpu.iam_instance_profile
    is_encrypted  = aws_instance.gpu.root_block_device[0].encrypted
    volume_type   = aws_instance.gpu.root_block_device[0].volume_type
    on_shutdown   = aws_instance.gpu.instance_initiated_shutdown_behavior
    market = [for each in aws_instance.gpu.instance_market_options : {
      max_price       = each.spot_options[0].max_price
      kind            = each.spot_options[0].spot_instance_type
      on_interruption = each.spot_options[0].instance_interruption_behavior
    }]
    key_name  = aws_instance.gpu.key_name
    user_data = aws_instance.gpu.user_data
  }
}
