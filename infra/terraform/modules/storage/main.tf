# Voice profiles, models and generated speech: what both lanes read and write.
resource "aws_efs_file_system" "shared" {
  #checkov:skip=CKV_AWS_184:AWS's own key encrypts it; one of ours costs 1 $ a month and guards against nobody else

  creation_token = var.project
  encrypted      = true
  tags           = { Name = var.project }

  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }

  lifecycle_policy {
    transition_to_primary_storage_class = "AFTER_1_ACCESS"
  }
}

resource "aws_efs_backup_policy" "shared" {
  file_system_id = aws_efs_file_system.shared.id

  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_mount_target" "shared" {
  # By number: the subnets' ids are known only after they are made.
  count = 2

  file_system_id  = aws_efs_file_system.shared.id
  subnet_id       = var.subnet_ids[count.index]
  security_groups = [var.efs_security_group]
}

resource "aws_efs_access_point" "shared" {
  file_system_id = aws_efs_file_system.shared.id
  tags           = { Name = var.project }

  # The user of the images.
  posix_user {
    uid = 10001
    gid = 10001
  }

  root_directory {
    path = "/${var.project}"

    creation_info {
      owner_uid   = 10001
      owner_gid   = 10001
      permissions = "0750"
    }
  }
}

data "aws_iam_policy_document" "efs" {
  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["*"]
    resources = [aws_efs_file_system.shared.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_efs_file_system_policy" "shared" {
  file_system_id = aws_efs_file_system.shared.id
  policy         = data.aws_iam_policy_document.efs.json
}

# --- media ----------------------------------------------------------------------------------

resource "aws_s3_bucket" "media" {
  #checkov:skip=CKV_AWS_18:A second bucket of names and addresses; only the app's role reads this one
  #checkov:skip=CKV_AWS_21:What somebody deletes must leave no older version behind
  #checkov:skip=CKV_AWS_144:Videos can be rendered again; another region would double the price
  #checkov:skip=CKV_AWS_145:S3's own key encrypts it; one of ours costs 1 $ a month and a call for each file
  #checkov:skip=CKV2_AWS_62:Nobody listens to what changes: the app itself makes the changes

  bucket_prefix = "${var.project}-media-"
  tags          = { Name = "${var.project}-media" }
}

resource "aws_s3_bucket_public_access_block" "media" {
  bucket                  = aws_s3_bucket.media.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "media" {
  bucket = aws_s3_bucket.media.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "media" {
  bucket = aws_s3_bucket.media.id

  # Should the app's own sweep not come to it: a killed process left half of a video.
  rule {
    id     = "uploads-that-were-broken-off"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # Should somebody turn versioning on all the same: what was deleted is gone a day later.
  rule {
    id     = "nothing-behind-what-was-deleted"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    expiration {
      expired_object_delete_marker = true
    }
  }
}

# The app refuses to start on a bucket that keeps older versions.
resource "aws_s3_bucket_versioning" "media" {
  bucket = aws_s3_bucket.media.id

  versioning_configuration {
    status = "Disabled"
  }
}

resource "aws_s3_bucket_cors_configuration" "media" {
  bucket = aws_s3_bucket.media.id

  # Pages send parts of uploads here by themselves, and fetch everything from the app.
  cors_rule {
    allowed_methods = ["PUT"]
    allowed_origins = var.allowed_cors_origins
    allowed_headers = ["content-type", "x-amz-checksum-sha256"]
    max_age_seconds = 3600
  }
}

data "aws_iam_policy_document" "media" {
  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.media.arn, "${aws_s3_bucket.media.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "media" {
  bucket = aws_s3_bucket.media.id
  policy = data.aws_iam_policy_document.media.json
}
