// Drives the simulator with the public client node-zendesk, unmodified: only its `endpointUri` differs. What was made
// is printed as one JSON object, which the calling test compares with the simulator's own state.
'use strict';

const assert = require('node:assert');
const {createClient} = require('node-zendesk');

const client = createClient({
  username: process.env.CLIENT_EMAIL,
  token: process.env.CLIENT_ACCESS_TOKEN,
  useOAuth: true,
  oauth: true,
  endpointUri: process.env.CLIENT_URL,
});

async function main() {
  const me = (await client.users.me()).result;
  assert.strictEqual(me.role, 'admin');

  const group = (await client.groups.create({group: {name: 'Suporte'}})).result;
  const agent = (
    await client.users.create({user: {name: 'Rui Lima', email: 'rui@loja.example', role: 'agent'}})
  ).result;
  const membership = (
    await client.groupmemberships.create({group_membership: {user_id: agent.id, group_id: group.id}})
  ).result;
  const made = (await client.groupmemberships.makeDefault(agent.id, membership.id)).result;
  assert.ok(made);

  for (let number = 0; number < 105; number += 1) {
    await client.users.create({user: {name: `Agent ${number}`, role: 'agent'}});
  }

  const listed = await client.users.listWithFilter('role', 'agent');
  const agents = new Set(listed.filter((user) => user.role === 'agent').map((user) => user.id));
  assert.ok(agents.size >= 106, `${agents.size} agents listed`);

  const webhook = (
    await client.webhooks.create({
      webhook: {
        name: 'node handler',
        endpoint: 'https://handler.example/zendesk',
        http_method: 'POST',
        request_format: 'json',
        status: 'active',
        subscriptions: ['conditional_ticket_events'],
        authentication: {type: 'bearer_token', data: {token: 'node-token'}, add_position: 'header'},
      },
    })
  ).result;
  const webhookId = (webhook.webhook ?? webhook).id;
  await client.webhooks.patch(webhookId, {webhook: {description: 'kept by node'}});
  const shown = (await client.webhooks.show(webhookId)).result;
  assert.strictEqual((shown.webhook ?? shown).description, 'kept by node');
  await client.webhooks.getSigningSecret(webhookId);

  const trigger = (
    await client.triggers.create({
      trigger: {
        title: 'node relay',
        conditions: {all: [{field: 'update_type', operator: 'is', value: 'Change'}], any: []},
        actions: [{field: 'notification_webhook', value: [webhookId, '{}']}],
      },
    })
  ).result;
  const triggers = await client.triggers.list();
  assert.ok(triggers.some((one) => one.id === trigger.id));

  const field = (await client.ticketfields.create({ticket_field: {type: 'text', title: 'WhatsApp'}})).result;

  const job = (
    await client.groupmemberships.bulkCreate([{user_id: me.id, group_id: group.id}])
  ).result;
  const jobId = (job.job_status ?? job).id;
  const finished = await client.jobstatuses.watch(jobId, 50, 200);
  assert.strictEqual((finished.job_status ?? finished.result ?? finished).status, 'completed');

  await assert.rejects(client.users.create({user: {name: 'Twin', email: 'rui@loja.example'}}), /422|Unprocessable/);
  await assert.rejects(client.groups.show(1), /404|not found/i);

  const leaver = (await client.users.create({user: {name: 'Leaver'}})).result;
  await client.users.delete(leaver.id);

  console.log(
    JSON.stringify({
      group: group.id,
      agent: agent.id,
      membership: membership.id,
      webhook: webhookId,
      trigger: trigger.id,
      field: field.id,
      leaver: leaver.id,
    }),
  );
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
