# Once for each account: a bucket in which Terraform keeps what it knows, locked while it works.
# Afterwards: write the output into ../gpu/backend.tf and run `terraform init -migrate-state` there.
terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "region" {
  description = "Where the state is kept."
  type        = string
  default     = "ap-northeast-1"
}

provider "aws" {
  region = var.region
}

resource "aws_s3_bucket" "state" {
  #checkov:skip=CKV_AWS_18:Only whoever applies Terraform reads it
  #checkov:skip=CKV_AWS_144:It describes one region; its older versions are kept beside it
  #checkov:skip=CKV2_AWS_62:Nobody waits for a change of it

  bucket_prefix = "video-message-terraform-"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    id     = "older-states"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 365
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

output "state_bucket" {
  description = "What must be emptied and deleted by hand when everything goes."
  value       = aws_s3_bucket.state.id
}

output "backend_tf" {
  description = "The contents of infra/terraform/gpu/backend.tf."
  value       = <<-TEXT
    terraform {
      backend "s3" {
        bucket       = "${aws_s3_bucket.state.id}"
        key          = "gpu.tfstate"
        region       = "${var.region}"
        encrypt      = true
        use_lockfile = true
      }
    }
  TEXT
}
