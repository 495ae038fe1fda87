-- Whether the variables of a secret that has ended were taken from their sandboxes; a rotation gives them again.
alter table egress_secrets add column withdrawn boolean not null default false;
create index egress_secrets_ended on egress_secrets (expires_at) where not withdrawn;

-- Who follows the audit asks for what was written after the last row that it has.
create index egress_audit_tail on egress_audit (org, inserted_at, id);
