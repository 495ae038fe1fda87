-- A custom domain is whose DNS says so. Several organizations may ask for a name; one has it.
alter table custom_domains
  add column token text not null default replace(gen_random_uuid()::text, '-', ''),
  add column verified_at timestamptz,
  add column checked_at timestamptz,
  -- What was wrong at the last check.
  add column error text,
  -- Routed without a proof.
  add column trusted boolean not null default false;

-- What was routed before proofs were asked for stays so.
update custom_domains set trusted = true;

drop index custom_domains_fqdn;
create index custom_domains_fqdn on custom_domains (fqdn);
-- One installation, one answer for a host.
create unique index custom_domains_owner on custom_domains (fqdn) where verified_at is not null or trusted;
create unique index custom_domains_claim on custom_domains (org, fqdn);
