package com.atoll.model;

/**
 * Every error that the API can answer with. The set is closed: clients choose what to do by the
 * code, and the error pages of the reference are written from this table.
 */
public enum ErrorCode {
  UNAUTHORIZED(
      "UNAUTHORIZED",
      401,
      "The request carries no valid credential.",
      "The Authorization header is missing or is not of the form \"Bearer <key>\".",
      "Send \"Authorization: Bearer msk_...\" with a key of your organization."),
  INVALID_TOKEN(
      "invalid_token",
      401,
      "The credential is malformed, revoked or expired.",
      "The key or token is unknown to this server, was revoked, or its time is over.",
      "Create a new key or mint a new token and send that one."),
  LOGIN_FAILED(
      "LOGIN_FAILED",
      401,
      "E-mail address, password or code is wrong.",
      "No account has that address and password, or the one-time code is missing or wrong.",
      "Check them; after several failures wait before the next try."),
  TOTP_REQUIRED(
      "TOTP_REQUIRED",
      401,
      "The account needs a one-time code.",
      "Two-factor login is on, and the request carried no code.",
      "Send the present code of the authenticator app as totp_code."),
  TEAM_MEMBER_CAP_REACHED(
      "TEAM_MEMBER_CAP_REACHED",
      402,
      "What this member may spend in a month is used up.",
      "The organization has set a spending cap for the person whose login or key this is.",
      "Ask an admin of the organization to raise the cap, or wait for the next month."),
  MEMBER_LIMIT_REACHED(
      "MEMBER_LIMIT_REACHED",
      429,
      "This member may run %s sandboxes at once.",
      "The organization bounds how many sandboxes of one person run at the same time.",
      "Pause or delete a running sandbox, or ask an admin to raise the limit."),
  INSUFFICIENT_CREDITS(
      "INSUFFICIENT_CREDITS",
      402,
      "The balance of the organization is used up.",
      "Creating, resuming or running would cost more than the balance or the cap allows.",
      "Raise the balance or the cap, then try again."),
  FORBIDDEN(
      "FORBIDDEN",
      403,
      "The credential may not do this: %s.",
      "The role of the credential, or who owns the resource, forbids the operation.",
      "Use a credential with the role that the operation needs."),
  INSUFFICIENT_SCOPE(
      "insufficient_scope",
      403,
      "The key lacks the scope %s.",
      "The key was created with a list of scopes that does not hold the one this operation needs.",
      "Create a key with that scope, or use one without a list of scopes."),
  WORKSPACE_FORBIDDEN(
      "WORKSPACE_FORBIDDEN",
      403,
      "The credential may not act in workspace %s.",
      "The key is bound to another workspace.",
      "Use a key of that workspace or of the whole organization."),
  POLICY_FORBIDS(
      "POLICY_FORBIDS",
      403,
      "A policy forbids this: %s.",
      "The policy of the end user, the workspace, the organization or the platform sets a bound.",
      "Stay inside the bound that the message names, or have the policy changed."),
  ACTION_DENIED(
      "ACTION_DENIED",
      403,
      "The action %s is denied.",
      "A policy of the organization denies the action to this credential.",
      "Use another credential, or have an admin change the policy of the action."),
  APPROVAL_REQUIRED(
      "APPROVAL_REQUIRED",
      403,
      "The action %s needs an approval first.",
      "A policy of the organization lets this credential act only after a person has approved.",
      "Have the request approved that approval_request_id in the details names, then try again."),
  MACHINE_KEY_SCOPE(
      "MACHINE_KEY_SCOPE",
      403,
      "A machine key only reaches its own machine.",
      "A key that lives inside a sandbox is limited to that sandbox.",
      "Use an API key of the organization outside the sandbox."),
  NOT_FOUND(
      "NOT_FOUND",
      404,
      "There is no %s.",
      "Nothing of that kind with that id exists in this organization, or the route is unknown.",
      "Check the id and the path; list the resources to see which exist."),
  SANDBOX_NOT_FOUND(
      "sandbox_not_found",
      404,
      "There is no sandbox %s.",
      "No sandbox with that id or slug exists in this organization.",
      "List the sandboxes of the organization to see which exist."),
  TEMPLATE_NOT_FOUND(
      "TEMPLATE_NOT_FOUND",
      404,
      "There is no template %s.",
      "No template with that id is installed.",
      "List the templates to see which exist."),
  TEMPLATE_IN_USE(
      "TEMPLATE_IN_USE",
      409,
      "The template %s is in use.",
      "Sandboxes were created from it, or builds of other templates begin with it.",
      "Destroy those sandboxes and delete those templates, then try again."),
  TEMPLATE_NOT_READY(
      "TEMPLATE_NOT_READY",
      409,
      "The template %s has no finished build.",
      "Its first build still runs, or no build has succeeded.",
      "Wait for its build, or see in the log of the build why it failed."),
  TEMPLATE_BUILDING(
      "TEMPLATE_BUILDING",
      503,
      "The template %s is being built.",
      "Built-in templates are built when they are first used.",
      "Try again after the time in Retry-After."),
  INVALID_BUILDSPEC(
      "INVALID_BUILDSPEC",
      422,
      "The build specification is not valid.",
      "A field of build_spec is missing or wrong; errors names each.",
      "Correct the fields, with the schema of GET /sandbox-templates/build-spec."),
  ORG_NOT_FOUND(
      "ORG_NOT_FOUND",
      404,
      "There is no organization %s.",
      "The organization is unknown to this credential.",
      "Check the id, slug or name of the organization."),
  METHOD_NOT_ALLOWED(
      "METHOD_NOT_ALLOWED",
      405,
      "%s is not answered here.",
      "The path exists, but not with this method.",
      "Use one of the methods in the Allow header."),
  INVALID_ID(
      "INVALID_ID",
      400,
      "%s is not a valid id.",
      "An id in the path is empty, too long or holds characters that no id has.",
      "Send the id exactly as the API returned it."),
  INVALID_JSON(
      "INVALID_JSON",
      400,
      "The body is not valid JSON: %s.",
      "The body could not be parsed, or it is not a JSON object.",
      "Send one JSON object with Content-Type application/json."),
  INVALID_REQUEST(
      "INVALID_REQUEST",
      400,
      "The request is malformed: %s.",
      "The request line, a header or the body breaks the rules of HTTP or of this API.",
      "Correct the request as the message says."),
  MISSING_PARAM(
      "MISSING_PARAM",
      400,
      "The parameter %s is required.",
      "A required query parameter or header is missing.",
      "Send the parameter."),
  INVALID_PARAM(
      "INVALID_PARAM",
      400,
      "The parameter %s is invalid.",
      "A query parameter has the wrong type or is out of its range.",
      "Send a value of the documented type and range."),
  INVALID_PATH(
      "INVALID_PATH",
      400,
      "The path %s is not allowed.",
      "The path is empty, too long, not absolute, or leaves the place it must stay in.",
      "Send an absolute path inside the sandbox."),
  SANDBOX_DESTROYED(
      "SANDBOX_DESTROYED",
      400,
      "Sandbox %s is destroyed.",
      "The sandbox was deleted, or its time ran out and it was not persistent.",
      "Create a new sandbox."),
  SANDBOX_NOT_RUNNING(
      "SANDBOX_NOT_RUNNING",
      409,
      "Sandbox %s is not running.",
      "The sandbox is in a state that it cannot be woken from.",
      "Resume the sandbox or create a new one."),
  SANDBOX_NOT_COMMAND_READY(
      "SANDBOX_NOT_COMMAND_READY",
      409,
      "Sandbox %s does not take commands yet.",
      "The sandbox is still being prepared.",
      "Wait until its readiness says ready, then try again."),
  SANDBOX_STARTING(
      "SANDBOX_STARTING",
      409,
      "Sandbox %s is still starting.",
      "The sandbox is being created or resumed.",
      "Try again after the time in Retry-After."),
  NO_AGENT_RUN(
      "NO_AGENT_RUN",
      409,
      "No agent runs on sandbox %s.",
      "There is no run of an agent on the sandbox that could be steered.",
      "Start a run on it first."),
  FILE_NOT_FOUND(
      "FILE_NOT_FOUND",
      404,
      "There is no file %s.",
      "No file or folder exists at that path.",
      "List the folder to see what exists."),
  FILE_EXISTS(
      "FILE_EXISTS",
      409,
      "%s already exists.",
      "A file or folder already exists at that path.",
      "Choose another path or delete the old one first."),
  NOT_A_FILE(
      "NOT_A_FILE",
      400,
      "%s is not a regular file.",
      "The path names a folder, a device or a socket where a file is needed, or a file where a"
          + " folder is needed.",
      "Send the path of an entry of the right kind."),
  DIRECTORY_NOT_EMPTY(
      "DIRECTORY_NOT_EMPTY",
      409,
      "The folder %s is not empty.",
      "A folder with entries is only deleted recursively.",
      "Delete with recursive=true."),
  RANGE_NOT_SATISFIABLE(
      "RANGE_NOT_SATISFIABLE",
      416,
      "The range begins after the end of the file, which has %s bytes.",
      "The Range header asks for bytes that the file does not have.",
      "Ask for a range inside the file, or leave the header out."),
  DISK_FULL(
      "DISK_FULL",
      507,
      "The disk of the sandbox is full.",
      "The write does not fit into the disk size of the sandbox.",
      "Delete files, or create a sandbox with a larger disk."),
  PROCESS_NOT_FOUND(
      "PROCESS_NOT_FOUND",
      404,
      "There is no process %s.",
      "No process with that id runs in the sandbox.",
      "List the processes of the sandbox."),
  TIMEOUT_TOO_LONG(
      "TIMEOUT_TOO_LONG",
      422,
      "The timeout is longer than %s seconds.",
      "The operation bounds how long one command may run.",
      "Send a shorter timeout, or start the command in the background."),
  INVALID_SETUP_FILE(
      "INVALID_SETUP_FILE",
      422,
      "The setup file is invalid: %s.",
      "The setup file is not text, or it is too large.",
      "Send a shorter text file."),
  NO_READY_MACHINE(
      "NO_READY_MACHINE",
      503,
      "No machine is ready now.",
      "The create asked to fail fast, and no prepared machine was free.",
      "Try again without fail_fast, or later."),
  ISOLATION_UNAVAILABLE(
      "ISOLATION_UNAVAILABLE",
      422,
      "Isolation %s is not to be had here: %s.",
      "The owner of the installation does not allow it, or the machine cannot give it.",
      "Leave isolation out, or have the owner do what the message says."),
  NO_CAPACITY(
      "NO_CAPACITY",
      503,
      "The platform has no room for this now: %s.",
      "Memory, disk or addresses of the machines are used up.",
      "Try again after the time in Retry-After, or delete what is not needed."),
  MAINTENANCE(
      "MAINTENANCE",
      503,
      "The platform takes no new work now: %s.",
      "The owner of the installation has switched maintenance on; what runs goes on.",
      "Try again after the time in Retry-After."),
  RESTORE_TRANSIENT(
      "RESTORE_TRANSIENT",
      503,
      "The sandbox is still being saved.",
      "A checkpoint that was taken at the pause is not complete.",
      "Try again after the time in Retry-After."),
  NODE_UNAVAILABLE(
      "NODE_UNAVAILABLE",
      503,
      "The machine that runs this does not answer now.",
      "The node process is restarting or unreachable.",
      "Try again after the time in Retry-After."),
  EGRESS_NOT_IN_FORCE(
      "EGRESS_NOT_IN_FORCE",
      503,
      "The change is kept, but not in force everywhere yet.",
      "A machine or the gateway is restarting, and goes by what was before until it is back.",
      "Send the request again with the same Idempotency-Key; it answers once the change is in force."),
  DATABASE_UNAVAILABLE(
      "DATABASE_UNAVAILABLE",
      503,
      "The database does not answer now.",
      "PostgreSQL is starting, restarting or unreachable.",
      "Try again after the time in Retry-After."),
  RESIZE_UNSUPPORTED(
      "RESIZE_UNSUPPORTED",
      409,
      "This sandbox cannot be resized so: %s.",
      "The change cannot be made on the running sandbox.",
      "Create a sandbox of the wanted size."),
  PLAN_CAP_EXCEEDED(
      "PLAN_CAP_EXCEEDED",
      422,
      "The size is larger than the plan or the machine allows: %s.",
      "The shape does not fit.",
      "Ask for one of the sizes that the message names."),
  QUOTA_EXCEEDED(
      "QUOTA_EXCEEDED",
      422,
      "The quota is reached: %s.",
      "A limit of the organization, the workspace or the external user is used up.",
      "Delete what is not needed, or raise the limit."),
  WORKSPACE_NAME_EXISTS(
      "WORKSPACE_NAME_EXISTS",
      409,
      "A workspace called %s exists.",
      "The organization already has a workspace of that name.",
      "Use the existing one, choose another name or send allow_duplicate_name."),
  WORKSPACE_NOT_FOUND(
      "WORKSPACE_NOT_FOUND",
      422,
      "There is no workspace %s.",
      "The workspace that the request names is not in this organization.",
      "List the workspaces of the organization."),
  PROJECT_NOT_FOUND(
      "PROJECT_NOT_FOUND",
      422,
      "There is no project %s.",
      "The project that the request names is not in this organization.",
      "List the projects of the organization."),
  NAME_TAKEN(
      "NAME_TAKEN",
      409,
      "The name %s is taken.",
      "Another resource has that name.",
      "Choose another name."),
  SLUG_TAKEN(
      "SLUG_TAKEN",
      409,
      "The slug %s is taken.",
      "A slug names a host, so it is unique in the whole installation.",
      "Choose another slug, or leave it out to get a generated one."),
  CONFLICT(
      "CONFLICT",
      409,
      "The request conflicts with the present state: %s.",
      "The resource is in use, exists already or was changed meanwhile.",
      "Read the resource again and decide anew."),
  NOT_TENANT_MEMBER(
      "NOT_TENANT_MEMBER",
      404,
      "There is no such member of the organization.",
      "Only members of the organization can be added to its workspaces.",
      "Invite the person to the workspace instead, or to the organization first."),
  LAST_OWNER(
      "LAST_OWNER",
      409,
      "The organization would be without an owner.",
      "The last owner can neither leave nor take a lesser role.",
      "Give the ownership to another member first."),
  INVITE_NOT_VALID(
      "INVITE_NOT_VALID",
      410,
      "The invitation can no longer be used: %s.",
      "It was accepted or revoked before, its time is over, or its sender may not invite any more.",
      "Ask for a new invitation."),
  SNAPSHOT_IN_USE(
      "SNAPSHOT_IN_USE",
      409,
      "Snapshot %s is in use: %s.",
      "A snapshot that something depends on, such as a name, is not deleted.",
      "Delete what depends on it first."),
  SNAPSHOT_ALREADY_NAMED(
      "SNAPSHOT_ALREADY_NAMED",
      409,
      "Snapshot %s has the name %s.",
      "A snapshot has at most one name.",
      "Use the name that it has, or delete that name first."),
  SNAPSHOT_NOT_READY(
      "SNAPSHOT_NOT_READY",
      409,
      "Snapshot %s is %s.",
      "Only a snapshot that is ready can be read, forked, restored or named.",
      "Wait until its status is ready, or take another one."),
  ARCHIVE_NOT_CONFIGURED(
      "ARCHIVE_NOT_CONFIGURED",
      409,
      "This installation keeps no snapshots off its machine.",
      "Its owner has named no snapshot_archive.",
      "Ask the owner to set snapshot_archive in atoll.conf."),
  ARCHIVE_UNAVAILABLE(
      "ARCHIVE_UNAVAILABLE",
      503,
      "The archive of snapshots does not answer: %s.",
      "The folder or S3 service that holds archived snapshots cannot be used now.",
      "Try again later."),
  ARCHIVE_DAMAGED(
      "ARCHIVE_DAMAGED",
      409,
      "The archived snapshot cannot be used: %s.",
      "What lies in the archive is missing, cut, changed, or was sealed with another key.",
      "Use another snapshot, or give the archive back what it held."),
  ARCHIVE_NOT_TRUSTED(
      "ARCHIVE_NOT_TRUSTED",
      409,
      "This installation takes no snapshots from installation %s.",
      "Its owner has not put the archive key of that installation into archive-keys.",
      "Ask the owner to add what 'atoll archive key' prints there, and to run 'atoll up'."),
  SNAPSHOT_IMAGE_MISSING(
      "SNAPSHOT_IMAGE_MISSING",
      409,
      "The snapshot stands on an image that is missing: %s.",
      "An older release archived the snapshot without the image that its files lie over.",
      "Archive another snapshot of the sandbox, and import that one."),
  NO_SNAPSHOT_AVAILABLE(
      "NO_SNAPSHOT_AVAILABLE",
      409,
      "There is no snapshot to take of %s.",
      "The machine is destroyed, so that its files are gone.",
      "Name one of the snapshots that were taken of it."),
  RESOURCE_STATE(
      "RESOURCE_STATE",
      409,
      "The resource is in the wrong state: %s.",
      "The operation is not possible in the present state.",
      "Wait for, or bring about, the state that the message names."),
  IDEMPOTENCY_KEY_REUSED(
      "IDEMPOTENCY_KEY_REUSED",
      409,
      "The idempotency key was used for a different request.",
      "The same Idempotency-Key was sent with another body or by another key within 24 hours.",
      "Use a new Idempotency-Key for a new request."),
  VALIDATION_FAILED(
      "VALIDATION_FAILED",
      422,
      "The request is invalid: %s.",
      "One or more fields are missing, of the wrong type or out of their range.",
      "Correct the fields that the errors map names."),
  TENANT_RESOLUTION_FAILED(
      "TENANT_RESOLUTION_FAILED",
      422,
      "The organization %s cannot be acted in.",
      "X-MIOSA-Tenant names an organization that is not the credential's.",
      "Leave the header out, or send the id or slug of the credential's organization."),
  TOO_LARGE(
      "TOO_LARGE",
      413,
      "The body is larger than %s bytes.",
      "The operation bounds the size of its body.",
      "Send less, or use the streaming upload for files."),
  URI_TOO_LONG(
      "URI_TOO_LONG",
      414,
      "The address is too long.",
      "Path and query together exceed the limit.",
      "Send long values in the body."),
  HEADERS_TOO_LARGE(
      "HEADERS_TOO_LARGE",
      431,
      "The headers are too large.",
      "All headers together exceed the limit.",
      "Send fewer or shorter headers."),
  UNSUPPORTED_MEDIA_TYPE(
      "UNSUPPORTED_MEDIA_TYPE",
      415,
      "The content type %s is not understood here.",
      "The operation takes another kind of body.",
      "Send application/json, unless the reference names another type."),
  UPGRADE_REQUIRED(
      "UPGRADE_REQUIRED",
      426,
      "This operation speaks WebSocket.",
      "The request does not ask for an upgrade to WebSocket.",
      "Open it with a WebSocket client."),
  RATE_LIMIT_EXCEEDED(
      "rate_limit_exceeded",
      429,
      "Too many requests.",
      "The limit of requests in a minute of the key, the workspace or the group of operations is"
          + " reached.",
      "Wait for the seconds in Retry-After."),
  DEPLOYMENT_NOT_FOUND(
      "DEPLOYMENT_NOT_FOUND",
      404,
      "There is no deployment %s.",
      "No deployment with that id or slug exists in this organization.",
      "List the deployments of the organization."),
  VERSION_NOT_FOUND(
      "VERSION_NOT_FOUND",
      404,
      "There is no version %s.",
      "The deployment has no version with that id.",
      "List the versions of the deployment."),
  DOMAIN_TAKEN(
      "DOMAIN_TAKEN",
      409,
      "The domain %s is taken.",
      "Another deployment answers on that domain.",
      "Remove it there first, or choose another domain."),
  BUILD_FAILED(
      "BUILD_FAILED",
      422,
      "The build failed: %s.",
      "A command of the build ended with an error.",
      "Read the logs of the version, correct the cause and publish again."),
  HEALTH_CHECK_FAILED(
      "HEALTH_CHECK_FAILED",
      422,
      "The new version did not become healthy: %s.",
      "No instance of the new version answered its health check in time; the old version keeps"
          + " serving.",
      "Read the logs of the version, correct the cause and publish again."),
  UNKNOWN_EVENT_TYPE(
      "UNKNOWN_EVENT_TYPE",
      422,
      "There is no event type %s.",
      "No event of the platform has that type or begins so.",
      "Read GET /webhooks/events for the types that exist."),
  INVALID_FILTER(
      "INVALID_FILTER",
      422,
      "The filter is invalid: %s.",
      "A filter is a flat object of at most 8 texts, numbers and flags.",
      "Send a filter of that form."),
  SUBSCRIPTION_NOT_FOUND(
      "SUBSCRIPTION_NOT_FOUND",
      404,
      "There is no event subscription %s.",
      "No event subscription with that id exists in this organization.",
      "List the event subscriptions to see which exist."),
  CONSUMER_NOT_FOUND(
      "CONSUMER_NOT_FOUND",
      404,
      "There is no consumer %s.",
      "Nothing of that kind with that id exists in this organization.",
      "Send the id of a webhook, or the id of your own key for notifications."),
  DELIVERY_NOT_FOUND(
      "DELIVERY_NOT_FOUND",
      404,
      "There is no delivery %s.",
      "No delivery with that id exists here, or it is older than 30 days.",
      "List the deliveries to see which exist."),
  NOT_REDELIVERABLE(
      "NOT_REDELIVERABLE",
      409,
      "The delivery is %s.",
      "Only a delivery that was given up can be queued again.",
      "Wait until it was delivered or given up; use replay to send a copy."),
  OPERATION_NOT_CANCELLABLE(
      "OPERATION_NOT_CANCELLABLE",
      409,
      "The operation cannot be cancelled: %s.",
      "It has ended already, or it is of a kind that goes on to its end.",
      "Wait for its end and undo what it did."),
  NOT_IMPLEMENTED(
      "NOT_IMPLEMENTED",
      501,
      "This server does not implement %s yet.",
      "The operation is part of the API, but not of this release.",
      "Follow the release notes."),
  INTERNAL_ERROR(
      "INTERNAL_ERROR",
      500,
      "Something went wrong on our side.",
      "A defect of the server.",
      "Try again; if it stays, report the request id.");

  private final String code;
  private final int status;
  private final String template;
  private final String cause;
  private final String fix;

  ErrorCode(String code, int status, String template, String cause, String fix) {
    this.code = code;
    this.status = status;
    this.template = template;
    this.cause = cause;
    this.fix = fix;
  }

  /** The code as it travels. */
  public String code() {
    return code;
  }

  /** The HTTP status that it is answered with. */
  public int status() {
    return status;
  }

  /** The message, with a {@code %s} for each argument. */
  public String template() {
    return template;
  }

  /** Why this happens, for a reader who met it. */
  public String cause() {
    return cause;
  }

  /** What to do about it. */
  public String fix() {
    return fix;
  }

  /** Whether the same request may succeed when it is sent again later. */
  public boolean retryable() {
    return status == 429
        || status == 503
        || this == SANDBOX_STARTING
        || this == SANDBOX_NOT_COMMAND_READY;
  }
}
