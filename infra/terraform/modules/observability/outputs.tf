# For tests: a module's resources are seen from outside by its outputs alone.
output "rules" {
  value = {
    topic_key         = aws_sns_topic.alarms.kms_master_key_id
    email             = aws_sns_topic_subscription.email[*].endpoint
    budget            = aws_budgets_budget.month[*].limit_amount
    budget_counts     = flatten([for budget in aws_budgets_budget.month : [for filter in budget.cost_filter : filter.values]])
    forgotten_after_h = aws_cloudwatch_metric_alarm.gpu_forgotten[*].evaluation_periods
    watched_queue     = aws_cloudwatch_metric_alarm.schedule_failed.dimensions["QueueName"]
    all_tell = alltrue([
      for alarm in concat([aws_cloudwatch_metric_alarm.app_down, aws_cloudwatch_metric_alarm.schedule_failed], aws_cloudwatch_metric_alarm.gpu_forgotten[*]) :
      alarm.alarm_actions == toset([aws_sns_topic.alarms.arn])
    ])
  }
}
