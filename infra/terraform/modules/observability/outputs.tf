# For tests: a module's resources are seen from outside by its outputs alone.
output "rules" {
  value = {
    topic_key         = aws_sns_topic.alarms.kms_master_key_id
    email             = aws_sns_topic_subscription.email[*].endpoint
    budget            = aws_budgets_budget.month[*].limit_amount
    topic_key         = aws_sns_topic.alarms.kms_master_key_id
    forgotten_after_h = aws_cloudwatch_metric_alarm.gpu_forgotten[*].evaluation_periods
  }
}
