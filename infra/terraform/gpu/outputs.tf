output "app_public_ip" {
  description = "Where the domain's A record points."
  value       = module.app.public_ip
}

output "app_url" {
  description = "The app's address."
  value       = local.app_url
}

output "app_instance_id" {
  description = "The app machine."
  value       = module.app.instance_id
}

output "gpu_instance_id" {
  description = "The GPU machine of the split topology; empty with a single one."
  value       = local.is_split ? module.gpu[0].instance_id : ""
}

output "gpu_private_ip" {
  description = "Where the GPU lane listens on 8001; empty with a single machine."
  value       = local.is_split ? module.gpu[0].private_ip : ""
}

output "shared_file_system_id" {
  description = "The EFS file system at /mnt/shared."
  value       = module.storage.file_system_id
}

output "media_bucket" {
  description = "The bucket for media."
  value       = module.storage.media_bucket
}

output "schedule_function" {
  description = "The Lambda function that starts and stops at the hours."
  value       = module.schedule.function_name
}

output "ssm_app_command" {
  description = "A shell on the app machine, without a port."
  value       = "aws ssm start-session --region ${var.region} --target ${module.app.instance_id}"
}
