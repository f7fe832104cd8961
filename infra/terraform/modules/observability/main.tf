# CloudWatch may not use AWS's own key alias/aws/sns, and says so only in an alarm's history:
# https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:With AWS's own key no alarm would arrive; one of ours costs 1 $ a month

  name = "${var.project}-alarms"
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == "" ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "app_down" {
  alarm_name          = "${var.project}-app-down"
  alarm_description   = "The app machine fails AWS's own checks."
  namespace           = "AWS/EC2"
  metric_name         = "StatusCheckFailed"
  dimensions          = { InstanceId = var.app_instance_id }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  # Off by its schedule is not down.
  treat_missing_data = "notBreaching"
  alarm_actions      = [aws_sns_topic.alarms.arn]
}

# A machine that is off has no metrics, so that their number says how long it was on.
resource "aws_cloudwatch_metric_alarm" "gpu_forgotten" {
  count = var.has_gpu_machine ? 1 : 0

  alarm_name         = "${var.project}-gpu-forgotten"
  alarm_description  = "The GPU machine has been on for five hours without a pause: the hard limit is four."
  namespace          = "AWS/EC2"
  metric_name        = "CPUUtilization"
  dimensions         = { InstanceId = var.gpu_instance_id }
  statistic          = "SampleCount"
  period             = 3600
  evaluation_periods = 5
  # Twelve samples an hour: a machine that was woken for a few minutes of each hour is not forgotten.
  threshold           = 11
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

# Nobody looks into the queue: a night on which the GPU machine was not stopped must be told.
resource "aws_cloudwatch_metric_alarm" "schedule_failed" {
  alarm_name          = "${var.project}-schedule-failed"
  alarm_description   = "A machine was not started or stopped at its hour; the queue ${var.undelivered_queue} says which."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = var.undelivered_queue }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  # A queue that was empty for six hours has no metrics.
  treat_missing_data = "notBreaching"
  alarm_actions      = [aws_sns_topic.alarms.arn]
}

resource "aws_budgets_budget" "month" {
  count = var.monthly_budget_usd > 0 ? 1 : 0

  name         = var.project
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name = "TagKeyValue"
    # By format: two dollars in front of a brace stand for the brace itself, and no value comes there.
    values = [format("user:Project$%s", var.project)]
  }

  dynamic "notification" {
    for_each = var.alarm_email == "" ? [] : [80, 100]

    content {
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      notification_type          = notification.value == 100 ? "FORECASTED" : "ACTUAL"
      subscriber_email_addresses = [var.alarm_email]
    }
  }
}
