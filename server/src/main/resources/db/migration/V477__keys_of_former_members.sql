-- The keys and waiting invitations of people who have left end for good, as they do from now on when
-- somebody leaves: until now they counted again when the person came back.
update api_keys k set status = 'revoked', version = version + 1, updated_at = now()
where k.kind = 'key' and k.status <> 'revoked' and k.user_id is not null and not exists (
  select from organizations o join members m on m.org = coalesce(o.test_of, o.org)
  where o.org = k.org and m.user_id = k.user_id);

update invites i set revoked_at = now()
where i.accepted_at is null and i.revoked_at is null
  and exists (select from accounts a where a.id = i.invited_by)
  and not exists (
    select from organizations o join members m on m.org = coalesce(o.test_of, o.org)
    where o.org = i.org and m.user_id = i.invited_by);
