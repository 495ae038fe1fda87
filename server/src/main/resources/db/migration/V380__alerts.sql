-- What is notable, once more: the same rule as Notable in the server. What is in the index must be decided anew.
drop index events_notable;
create or replace function atoll_notable(type text) returns boolean language sql immutable parallel safe as $$
  select type in ('sandbox.error', 'sandbox.snapshot.failed', 'sandbox.snapshot.archive_failed',
    'sandbox.snapshot.restore_failed', 'deployment.failed', 'deployment.build_failed', 'deployment.domain_failed',
    'custom_domain.failed', 'template_build.failed', 'volume.error', 'sandbox_batch.failed', 'health_check.unhealthy',
    'webhook.failing', 'webhook.disabled', 'log_drain.disabled', 'budget.threshold_reached', 'budget.cap_reached',
    'billing.credits_low', 'billing.cap_reached', 'approval.requested')
$$;
create index events_notable on events (org, epoch, xid, seq) where atoll_notable(type);

-- How far an organization that pays beforehand was told that its credits end: 1 they are low, 2 they are used up.
alter table billing_accounts add column told smallint not null default 0, add column told_version bigint not null default 0;
