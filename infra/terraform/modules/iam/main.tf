# Least privilege: machines are named by their tag, so that a replaced one is found again.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  prefix      = "arn:${data.aws_partition.current.partition}"
  account     = data.aws_caller_identity.current.account_id
  instances   = "${local.prefix}:ec2:${var.region}:${local.account}:instance/*"
  parameters  = "${local.prefix}:ssm:${var.region}:${local.account}:parameter/${var.project}/*"
  identities  = "${local.prefix}:ses:${var.region}:${local.account}:identity"
  undelivered = "${local.prefix}:sqs:${var.region}:${local.account}:${var.project}-schedule-undelivered"
}

data "aws_iam_policy_document" "by_ec2" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

# --- both machines --------------------------------------------------------------------------

resource "aws_iam_role" "machine" {
  for_each = toset(["app", "gpu"])

  name               = "${var.project}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.by_ec2.json
}

resource "aws_iam_instance_profile" "machine" {
  for_each = aws_iam_role.machine

  name = each.value.name
  role = each.value.name
}

# A shell and commands without a port, and the registry's images.
resource "aws_iam_role_policy_attachment" "managed" {
  for_each = {
    for pair in setproduct(["app", "gpu"], ["AmazonSSMManagedInstanceCore", "AmazonEC2ContainerRegistryReadOnly"]) :
    "${pair[0]} ${pair[1]}" => { role = pair[0], policy = pair[1] }
  }

  role       = aws_iam_role.machine[each.value.role].name
  policy_arn = "${local.prefix}:iam::aws:policy/${each.value.policy}"
}

data "aws_iam_policy_document" "machine" {
  statement {
    sid       = "MountTheSharedFolder"
    actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    resources = [var.file_system_arn]

    condition {
      test     = "StringEquals"
      variable = "elasticfilesystem:AccessPointArn"
      values   = [var.access_point_arn]
    }
  }

  statement {
    sid       = "ReadItsSecrets"
    actions   = ["ssm:GetParameter", "ssm:GetParameters"]
    resources = [local.parameters]
  }
}

resource "aws_iam_role_policy" "machine" {
  for_each = aws_iam_role.machine

  name   = "shared"
  role   = each.value.id
  policy = data.aws_iam_policy_document.machine.json
}

# --- the app machine: its secrets, its media, and the power of the GPU machine --------------

data "aws_iam_policy_document" "app" {
  statement {
    sid       = "MakeItsSecretsOnce"
    actions   = ["ssm:PutParameter"]
    resources = [local.parameters]

    # Never over one that is there.
    condition {
      test     = "StringEquals"
      variable = "ssm:Overwrite"
      values   = ["false"]
    }
  }

  statement {
    sid       = "KeepMedia"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    resources = ["${var.media_bucket_arn}/*"]
  }

  statement {
    sid       = "ListMedia"
    actions   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [var.media_bucket_arn]
  }

  # The start refuses a bucket that keeps older versions, and warns where pages may not send.
  statement {
    sid       = "LookAtTheBucketsRules"
    actions   = ["s3:GetBucketVersioning", "s3:GetBucketCORS"]
    resources = [var.media_bucket_arn]
  }

  # EC2 knows no narrower right to look.
  statement {
    sid       = "LookAtMachines"
    actions   = ["ec2:DescribeInstances", "ec2:DescribeSpotInstanceRequests"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  # From one address, whose identity is either itself or its domain.
  dynamic "statement" {
    for_each = var.ses_sender == "" ? [] : [var.ses_sender]

    content {
      sid       = "SendMails"
      actions   = ["ses:SendEmail", "ses:SendRawEmail"]
      resources = [for name in [statement.value, split("@", statement.value)[1]] : "${local.identities}/${name}"]

      condition {
        test     = "StringEquals"
        variable = "ses:FromAddress"
        values   = [statement.value]
      }
    }
  }

  # So that nobody stops a machine by the clock while it works.
  statement {
    sid       = "NoteTheLeaseOfWork"
    actions   = ["ec2:CreateTags"]
    resources = [local.instances]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Role"
      values   = values(var.roles)
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["lease-until"]
    }
  }

  statement {
    sid       = "PowerOfTheGpuMachine"
    actions   = ["ec2:StartInstances", "ec2:StopInstances", "ec2:ModifyInstanceAttribute"]
    resources = [local.instances]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Role"
      values   = [var.roles.gpu]
    }
  }
}

resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = aws_iam_role.machine["app"].id
  policy = data.aws_iam_policy_document.app.json
}

# --- the schedule ---------------------------------------------------------------------------

data "aws_iam_policy_document" "by_lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "schedule" {
  name               = "${var.project}-schedule"
  assume_role_policy = data.aws_iam_policy_document.by_lambda.json
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "LookAtMachines"
    actions   = ["ec2:DescribeInstances"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  statement {
    sid       = "PowerOfTheProjectsMachines"
    actions   = ["ec2:StartInstances", "ec2:StopInstances"]
    resources = [local.instances]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Role"
      values   = values(var.roles)
    }
  }

  statement {
    sid       = "WriteItsLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.prefix}:logs:${var.region}:${local.account}:log-group:/aws/lambda/${var.project}-schedule:*"]
  }

  statement {
    sid       = "KeepWhatFailed"
    actions   = ["sqs:SendMessage"]
    resources = [local.undelivered]
  }
}

resource "aws_iam_role_policy" "schedule" {
  name   = "schedule"
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}

data "aws_iam_policy_document" "by_scheduler" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    # Nobody else's schedules may use it.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "scheduler" {
  name               = "${var.project}-scheduler"
  assume_role_policy = data.aws_iam_policy_document.by_scheduler.json
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    sid       = "KeepWhatWasNotDelivered"
    actions   = ["sqs:SendMessage"]
    resources = [local.undelivered]
  }

  statement {
    sid       = "Invoke"
    actions   = ["lambda:InvokeFunction"]
    resources = ["${local.prefix}:lambda:${var.region}:${local.account}:function:${var.project}-schedule"]
  }
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "invoke"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}
