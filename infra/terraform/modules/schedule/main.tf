locals {
  name = "${var.project}-schedule"

  # The GPU is stopped every night, whoever forgot it; no schedule ever starts it.
  every_night = {
    gpu-stop = { at = "cron(0 3 * * ? *)", event = { action = "stop", target = "gpu" } }
  }
  weekdays = {
    app-start = { at = "cron(0 9 ? * MON-FRI *)", event = { action = "start", target = "app" } }
    app-stop  = { at = "cron(0 19 ? * MON-FRI *)", event = { action = "stop", target = "app" } }
  }
  schedules = var.app_hours == "weekday" ? merge(local.every_night, local.weekdays) : local.every_night
}

resource "aws_cloudwatch_log_group" "schedule" {
  #checkov:skip=CKV_AWS_158:AWS's own key encrypts it; one of ours costs 1 $ a month, and nothing secret is logged

  name              = "/aws/lambda/${local.name}"
  retention_in_days = 365
}

resource "aws_lambda_function" "schedule" {
  #checkov:skip=CKV_AWS_50:It runs three times a day, and its log says what it did to which machine
  #checkov:skip=CKV_AWS_117:It speaks to EC2's API alone; inside the network it would need a NAT gateway for that
  #checkov:skip=CKV_AWS_173:Its variables are tags and hours, which AWS's own key encrypts
  #checkov:skip=CKV_AWS_272:Whoever applies this builds the archive from this checkout, and its hash is in the plan

  function_name                  = local.name
  role                           = var.role_arn
  runtime                        = "python3.12" # 3.11 is at the end of AWS's support
  handler                        = "infra.schedule_lambda.handler.handler"
  filename                       = var.archive
  source_code_hash               = fileexists(var.archive) ? filebase64sha256(var.archive) : null
  timeout                        = 60
  memory_size                    = 128
  reserved_concurrent_executions = -1 # a new account may have ten in all, of which none can be reserved

  environment {
    variables = {
      APP_TAG       = "Role=${var.roles.app}"
      GPU_TAG       = "Role=${var.roles.gpu}"
      APP_HOURS     = var.app_hours
      SKIP_HOLIDAYS = var.skip_holidays ? "true" : "false"
    }
  }

  # The scheduler only hands over; an order of its that fails here three times is kept beside what
  # was not delivered.
  dead_letter_config {
    target_arn = aws_sqs_queue.undelivered.arn
  }

  depends_on = [aws_cloudwatch_log_group.schedule]
}

resource "aws_sqs_queue" "undelivered" {
  name                      = "${local.name}-undelivered"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.project
}

resource "aws_scheduler_schedule" "this" {
  #checkov:skip=CKV_AWS_297:Its input is an action and a role; a key of ours costs 1 $ a month

  for_each = local.schedules

  name                         = "${var.project}-${each.key}"
  group_name                   = aws_scheduler_schedule_group.this.name
  schedule_expression          = each.value.at
  schedule_expression_timezone = "Asia/Tokyo"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.schedule.arn
    role_arn = var.invoker_arn
    input    = jsonencode(merge(each.value.event, { by = "schedule" }))

    dead_letter_config {
      arn = aws_sqs_queue.undelivered.arn
    }

    # A start that comes hours late is no help; the function looks at the clock, too.
    retry_policy {
      maximum_retry_attempts       = 5
      maximum_event_age_in_seconds = 3600
    }
  }
}
