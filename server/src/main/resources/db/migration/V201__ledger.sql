-- The ledger of credits, in double entry: a transfer moves whole credits between accounts of one
-- organization, and its entries add up to nothing. Nothing of it is ever changed or deleted.
create table ledger_transfers (
  id text primary key,
  org text not null references organizations,
  type text not null check (type in ('earn', 'spend', 'refund', 'promo', 'expire', 'deduct')),
  description text not null,
  -- What it was made for; the same is never moved twice.
  reference text,
  made_by text,
  at timestamptz not null default now(),
  unique (org, reference)
);
create index ledger_transfers_list on ledger_transfers (org, id desc);
select atoll_protect('ledger_transfers');

create table ledger_entries (
  transfer_id text not null references ledger_transfers,
  org text not null,
  -- credits: what the organization has; owed: what it used beyond that, below zero; spent: what was used;
  -- granted: where credits come from, below zero; expired: what was not used in time
  account text not null check (account in ('credits', 'owed', 'spent', 'granted', 'expired')),
  amount bigint not null check (amount <> 0),
  primary key (transfer_id, account)
);
select atoll_protect('ledger_entries');

-- The sum of the entries of each account, kept by a trigger.
create table ledger_balances (
  org text not null,
  account text not null,
  amount bigint not null,
  updated_at timestamptz not null default now(),
  primary key (org, account)
);
select atoll_protect('ledger_balances');

create function ledger_balance() returns trigger language plpgsql as $$
begin
  insert into ledger_balances as b (org, account, amount) values (new.org, new.account, new.amount)
  on conflict (org, account) do update set amount = b.amount + excluded.amount, updated_at = now();
  return null;
end
$$;
create trigger ledger_balance after insert on ledger_entries for each row execute function ledger_balance();

create function ledger_sums_to_zero() returns trigger language plpgsql as $$
begin
  if (select sum(amount) from ledger_entries where transfer_id = new.transfer_id) <> 0 then
    raise exception 'transfer % does not add up to zero', new.transfer_id using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end
$$;
create constraint trigger ledger_sums_to_zero after insert on ledger_entries
  deferrable initially deferred for each row execute function ledger_sums_to_zero();

create function ledger_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is never changed' using errcode = 'integrity_constraint_violation';
end
$$;
create trigger ledger_is_final before update or delete on ledger_entries
  for each row execute function ledger_is_final();
create trigger ledger_is_final before update or delete on ledger_transfers
  for each row execute function ledger_is_final();

-- What is left of each grant; the one that expires first is used first.
create table credit_grants (
  transfer_id text primary key references ledger_transfers,
  org text not null,
  remaining bigint not null check (remaining >= 0),
  expires_at timestamptz
);
create index credit_grants_open on credit_grants (org, expires_at) where remaining > 0;
create index credit_grants_expiry on credit_grants (expires_at) where remaining > 0;
select atoll_protect('credit_grants');

create table billing_accounts (
  org text primary key references organizations,
  -- postpaid: what is used beyond the credits is owed; prepaid: work stops when they are used up
  mode text not null default 'postpaid' check (mode in ('postpaid', 'prepaid')),
  -- Use that is less than a whole credit and in no transfer yet, in millionths; also what a refund owes.
  unbilled_micros bigint not null default 0,
  settings jsonb not null default '{}',
  updated_at timestamptz not null default now()
);
select atoll_protect('billing_accounts');
