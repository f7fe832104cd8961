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
  policies = {
    app       = data.aws_iam_policy_document.app.statement
    machine   = data.aws_iam_policy_document.machine.statement
    schedule  = data.aws_iam_policy_document.schedule.statement
    scheduler = data.aws_iam_policy_document.scheduler.statement
  }
  trust = {
    ec2       = data.aws_iam_policy_document.by_ec2.statement
    lambda    = data.aws_iam_policy_document.by_lambda.statement
    scheduler = data.aws_iam_policy_document.by_scheduler.statement
  }
}

output "rules" {
  value = {
    # By policy and statement: "app KeepMedia". A condition reads "StringEquals ssm:Overwrite false".
    rights = merge([for policy, statements in local.policies : { for each in statements : "${policy} ${each.sid}" => {
      may  = sort(each.actions)
      on   = sort(each.resources)
      when = sort([for wish in each.condition : "${wish.test} ${wish.variable} ${join(",", sort(wish.values))}"])
    } }]...)
    trusted = { for name, statements in local.trust : name => [for each in statements : {
      to   = one(each.principals[*]).identifiers
      when = [for wish in each.condition : "${wish.test} ${wish.variable} ${join(",", sort(wish.values))}"]
    }] }
    held_by = {
      app       = aws_iam_role_policy.app.role == aws_iam_role.machine["app"].id
      machine   = alltrue([for name, each in aws_iam_role_policy.machine : each.role == aws_iam_role.machine[name].id])
      schedule  = aws_iam_role_policy.schedule.role == aws_iam_role.schedule.id
      scheduler = aws_iam_role_policy.scheduler.role == aws_iam_role.scheduler.id
    }
    managed = toset([for each in aws_iam_role_policy_attachment.managed : each.policy_arn])
  }
}
