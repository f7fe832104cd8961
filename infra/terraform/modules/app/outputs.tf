output "instance_id" { value = aws_instance.app.id }
output "public_ip" { value = aws_eip.app.public_ip }

# For tests: a module's resources are seen from outside by its outputs alone.
output "rules" {
  value = {
    instance_type = aws_instance.app.instance_type
    private_ip    = aws_instance.app.private_ip
    role          = aws_instance.app.tags["Role"]
    http_tokens   = aws_instance.app.metadata_options[0].http_tokens
    hops          = aws_instance.app.metadata_options[0].http_put_response_hop_limit
    groups        = aws_instance.app.vpc_security_group_ids
    subnet        = aws_instance.app.subnet_id
    profile       = aws_instance.app.iam_instance_profile
    is_encrypted  = aws_instance.app.root_block_device[0].encrypted
    volume_type   = aws_instance.app.root_block_device[0].volume_type
    market = [for each in aws_instance.app.instance_market_options : {
      max_price       = each.spot_options[0].max_price
      kind            = each.spot_options[0].spot_instance_type
      on_interruption = each.spot_options[0].instance_interruption_behavior
    }]
    key_name  = aws_instance.app.key_name
    user_data = aws_instance.app.user_data
  }
}
