output "function_name" { value = aws_lambda_function.schedule.function_name }
output "undelivered_queue" { value = aws_sqs_queue.undelivered.name }

# For tests: a module's resources are seen from outside by its outputs alone.
output "rules" {
  value = {
    environment  = aws_lambda_function.schedule.environment[0].variables
    dead_letters = { is_encrypted = aws_sqs_queue.undelivered.sqs_managed_sse_enabled, takes_failures = one(aws_lambda_function.schedule.dead_letter_config[*].target_arn) == aws_sqs_queue.undelivered.arn }
    at_once      = aws_lambda_function.schedule.reserved_concurrent_executions
    schedules = {
      for name, each in aws_scheduler_schedule.this : name => {
        at    = each.schedule_expression
        zone  = each.schedule_expression_timezone
        event = jsondecode(each.target[0].input)
        role  = each.target[0].role_arn
        keeps = each.target[0].dead_letter_config[0].arn == aws_sqs_queue.undelivered.arn
      }
    }
  }
}
