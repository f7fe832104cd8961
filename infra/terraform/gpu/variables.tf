variable "region" {
  description = "Where everything stands. The prices of the price file are Tokyo's."
  type        = string
  default     = "ap-northeast-1"
}

variable "topology" {
  description = "split: an app machine that is always there and a GPU machine that is off until needed; single: one GPU machine for both."
  type        = string
  default     = "split"

  validation {
    condition     = contains(["split", "single"], var.topology)
    error_message = "topology must be split or single."
  }
}

variable "gpu_market" {
  description = "How the GPU machine is bought: on-demand, or spot (60 % off in Tokyo, and taken back at times)."
  type        = string
  default     = "on-demand"

  validation {
    condition     = contains(["on-demand", "spot"], var.gpu_market)
    error_message = "gpu_market must be on-demand or spot."
  }
}

variable "spot_max_price" {
  description = "The most that an hour of a spot machine may cost, in dollars."
  type        = string
  default     = "0.30"

  validation {
    condition     = can(tonumber(var.spot_max_price)) && try(tonumber(var.spot_max_price) > 0, false)
    error_message = "spot_max_price must be a number of dollars above 0, such as \"0.30\"."
  }
}

variable "repository_url" {
  description = "Where the machines clone this project from: an https address of git."
  type        = string

  validation {
    condition     = startswith(var.repository_url, "https://")
    error_message = "repository_url must begin with https://."
  }
}

variable "repository_ref" {
  description = "The branch, tag or commit that runs."
  type        = string
  default     = "main"
}

variable "image_registry" {
  description = "ECR registry to pull the images from (`make push`); empty: each machine builds its own."
  type        = string
  default     = ""
}

variable "tls" {
  description = "Serve https through Caddy, which a microphone in a browser needs. false: plain http on 55433 and 55434."
  type        = bool
  default     = true
}

variable "domain" {
  description = "The name that points to the app's address; required with tls."
  type        = string
  default     = ""
}

variable "allowed_cidrs" {
  description = "Who may reach the app. Recipients open links from anywhere."
  type        = list(string)
  default     = ["0.0.0.0/0"]
}

variable "admin_cidrs" {
  description = "Who may reach port 22. Nobody by default: SSM needs no port."
  type        = list(string)
  default     = []

  validation {
    condition     = !contains(var.admin_cidrs, "0.0.0.0/0") && !contains(var.admin_cidrs, "::/0")
    error_message = "admin_cidrs must not be the whole internet."
  }
}

variable "key_name" {
  description = "An EC2 key pair for ssh, given when a machine is made; empty: none, and SSM or EC2 Instance Connect."
  type        = string
  default     = ""
}

variable "app_instance_type" {
  description = "The app machine of the split topology."
  type        = string
  default     = "t3.large"
}

variable "gpu_instance_type" {
  description = "The GPU machine; of the single topology, the only one."
  type        = string
  default     = "g4dn.xlarge"
}

variable "app_hours" {
  description = "always, or weekday: 9:00 to 19:00 in Tokyo, Monday to Friday."
  type        = string
  default     = "always"

  validation {
    condition     = contains(["always", "weekday"], var.app_hours)
    error_message = "app_hours must be always or weekday."
  }
}

variable "skip_holidays" {
  description = "With app_hours = weekday: stay off on Japanese public holidays, too."
  type        = bool
  default     = false
}

variable "mail_transport" {
  description = "How mails leave: none (links are copied and sent by hand), ses (Amazon's service, by the machine's own role) or smtp."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "ses", "smtp"], var.mail_transport)
    error_message = "mail_transport must be none, ses or smtp."
  }
}

variable "mail_from" {
  description = "The address from which all mails come; required with ses and smtp. With ses it, or its domain, is a verified identity of the region."
  type        = string
  default     = ""

  validation {
    condition     = var.mail_from == "" || can(regex("^[^@\\s]+@[^@\\s]+$", var.mail_from))
    error_message = "mail_from must be a mail address, such as post@example.com."
  }
}

variable "smtp_host" {
  description = "The mail server of mail_transport = smtp."
  type        = string
  default     = ""
}

variable "smtp_port" {
  description = "587 goes with starttls, 465 with tls. AWS lets nothing out on 25."
  type        = number
  default     = 587
}

variable "smtp_security" {
  description = "starttls or tls."
  type        = string
  default     = "starttls"

  validation {
    condition     = contains(["starttls", "tls"], var.smtp_security)
    error_message = "smtp_security must be starttls or tls: mails and the password would cross the net in clear."
  }
}

variable "smtp_user" {
  description = "Who signs in there; the password is read from SSM (/video-message/smtp-password). Empty: nobody."
  type        = string
  default     = ""
}

variable "schedule_zip" {
  description = "The schedule's function, made by `make schedule-zip`."
  type        = string
  default     = "../../schedule_lambda/build/schedule.zip"
}

variable "alarm_email" {
  description = "Who is told when something is wrong; empty: nobody."
  type        = string
  default     = ""
}

variable "monthly_budget_usd" {
  description = "A budget at whose 80 % alarm_email is told; 0: none."
  type        = number
  default     = 0
}

variable "gpu_ami_parameter" {
  description = "SSM's name of the GPU machine's image: it brings the NVIDIA driver and Docker."
  type        = string
  default     = "/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id"
}
