output "file_system_id" { value = aws_efs_file_system.shared.id }
output "file_system_arn" { value = aws_efs_file_system.shared.arn }
output "access_point_id" { value = aws_efs_access_point.shared.id }
output "access_point_arn" { value = aws_efs_access_point.shared.arn }
output "media_bucket" { value = aws_s3_bucket.media.id }
output "media_bucket_arn" { value = aws_s3_bucket.media.arn }

# For tests: a module's resources are seen from outside by its outputs alone.
output "rules" {
  value = {
    efs_is_encrypted = aws_efs_file_system.shared.encrypted
    mount_targets    = length(aws_efs_mount_target.shared)
    backup           = aws_efs_backup_policy.shared.backup_policy[0].status
    uid              = aws_efs_access_point.shared.posix_user[0].uid
    folder           = { path = aws_efs_access_point.shared.root_directory[0].path, permissions = aws_efs_access_point.shared.root_directory[0].creation_info[0].permissions }
    efs_groups       = toset(flatten([for target in aws_efs_mount_target.shared : target.security_groups]))
    # What is denied to everybody, and when.
    denials = { for name, document in { efs = data.aws_iam_policy_document.efs, media = data.aws_iam_policy_document.media } : name => [for each in document.statement : {
      effect    = each.effect
      actions   = each.actions
      resources = each.resources
      to        = one(each.principals[*]).identifiers
      when      = [for wish in each.condition : "${wish.test} ${wish.variable} ${join(",", wish.values)}"]
    }] }
    policies_are_set = {
      efs   = aws_efs_file_system_policy.shared.policy == data.aws_iam_policy_document.efs.json && aws_efs_file_system_policy.shared.file_system_id == aws_efs_file_system.shared.id
      media = aws_s3_bucket_policy.media.policy == data.aws_iam_policy_document.media.json && aws_s3_bucket_policy.media.bucket == aws_s3_bucket.media.id
    }
    public_access_is_blocked = {
      acls          = aws_s3_bucket_public_access_block.media.block_public_acls
      policy        = aws_s3_bucket_public_access_block.media.block_public_policy
      ignored_acls  = aws_s3_bucket_public_access_block.media.ignore_public_acls
      other_buckets = aws_s3_bucket_public_access_block.media.restrict_public_buckets
    }
    sse                           = one(aws_s3_bucket_server_side_encryption_configuration.media.rule[*].apply_server_side_encryption_by_default[0].sse_algorithm)
    broken_uploads_end_after_days = aws_s3_bucket_lifecycle_configuration.media.rule[0].abort_incomplete_multipart_upload[0].days_after_initiation
    versioning                    = aws_s3_bucket_versioning.media.versioning_configuration[0].status
    older_versions_end_after_days = aws_s3_bucket_lifecycle_configuration.media.rule[1].noncurrent_version_expiration[0].noncurrent_days
    cors_methods                  = one(aws_s3_bucket_cors_configuration.media.cors_rule[*].allowed_methods)
    cors_headers                  = one(aws_s3_bucket_cors_configuration.media.cors_rule[*].allowed_headers)
    cors_origins                  = one(aws_s3_bucket_cors_configuration.media.cors_rule[*].allowed_origins)
  }
}
