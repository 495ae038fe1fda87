-- The key of an organization that signs certificates for its sandboxes; the private half is sealed.
create table ssh_authorities (
  org text primary key references organizations,
  public_key bytea not null,
  private_key bytea not null,
  created_at timestamptz not null default now()
);
select atoll_protect('ssh_authorities');

-- The key by which a sandbox proves who it is.
create table ssh_hosts (
  sandbox_id text primary key references sandboxes on delete cascade,
  org text not null references organizations,
  public_key bytea not null,
  private_key bytea not null,
  created_at timestamptz not null default now()
);
select atoll_protect('ssh_hosts');

-- Keys that open a sandbox without a certificate.
create table ssh_keys (
  id text primary key,
  org text not null references organizations,
  sandbox_id text not null references sandboxes on delete cascade,
  public_key text not null,
  fingerprint text not null,
  comment text not null,
  external_user_id text,
  created_at timestamptz not null default now(),
  unique (sandbox_id, fingerprint)
);
select atoll_protect('ssh_keys');
