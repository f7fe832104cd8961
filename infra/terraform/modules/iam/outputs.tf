output "app_instance_profile" { value = aws_iam_instance_profile.machine["app"].name }
output "gpu_instance_profile" { value = aws_iam_instance_profile.machine["gpu"].name }

# Lambda refuses a function whose role may not yet write to its dead letters.
output "schedule_role_arn" {
  value      = aws_iam_role.schedule.arn
  depends_on = [aws_iam_role_policy.schedule]
}

output "scheduler_role_arn" { value = aws_iam_role.scheduler.arn }

# For tests: a module's resources are seen from outside by its outputs alone.
locals {
  app_statements      = { for each in data.aws_iam_policy_document.app.statement : each.sid => each }
  schedule_statements = { for each in data.aws_iam_policy_document.schedule.statement : each.sid => each }
  every_statement     = concat(data.aws_iam_policy_document.app.statement, data.aws_iam_policy_document.schedule.statement, data.aws_iam_policy_document.machine.statement, data.aws_iam_policy_document.scheduler.statement)
}

output "rules" {
  value = {
    gpu_power = {
      actions = local.app_statements["PowerOfTheGpuMachine"].actions
      tag     = one(local.app_statements["PowerOfTheGpuMachine"].condition[*]).values
    }
    schedule_power = {
      actions = local.schedule_statements["PowerOfTheProjectsMachines"].actions
      tag     = one(local.schedule_statements["PowerOfTheProjectsMachines"].condition[*]).values
    }
    stars        = toset([for each in local.every_statement : each.sid if contains(each.resources, "*")])
    access_point = one(data.aws_iam_policy_document.machine.statement[0].condition[*]).values
  }
}
