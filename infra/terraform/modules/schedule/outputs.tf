output "function_name" { value = aws_lambda_function.schedule.function_name }

# For tests: a module's resources are seen from outside by its outputs alone.
output "rules" {
  value = {
    reserved    = aws_lambda_function.schedule.reserved_concurrent_executions
    environment = aws_lambda_function.schedule.environment[0].variables
    schedules = {
      for name, each in aws_scheduler_schedule.this : name => {
        at    = each.schedule_expression
        zone  = each.schedule_expression_timezone
        event = jsondecode(each.target[0].input)
      }
    }
  }
}
