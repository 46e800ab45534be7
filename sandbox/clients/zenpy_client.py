"""Drives the simulator with the public client zenpy, unmodified.

Only the URL differs: zenpy reads ZENPY_FORCE_SCHEME and ZENPY_FORCE_NETLOC for that. What was made is printed as one
JSON object, which the calling test compares with the simulator's own state.
"""

import json
import os

from zenpy import Zenpy
from zenpy.lib.api_objects import (
    Group,
    GroupMembership,
    Identity,
    TicketField,
    Trigger,
    User,
    Webhook,
)
from zenpy.lib.exception import APIException, RecordNotFoundException

client = Zenpy(
    subdomain="lojacentro",
    email=os.environ["CLIENT_EMAIL"],
    token=os.environ["CLIENT_API_TOKEN"],
    disable_cache=True,
)

me = client.users.me()
assert me.role == "admin", me.role

group = client.groups.create(Group(name="Vendas"))
group.description = "Vendas e orçamentos"
group = client.groups.update(group)
assert group.description == "Vendas e orçamentos", group.description

agent = client.users.create(
    User(name="Ana Souza", email="ana@loja.example", role="agent", external_id="k8s:ana")
)
membership = client.group_memberships.create(GroupMembership(user_id=agent.id, group_id=group.id))
assert {one.id for one in client.users.groups(agent.id)} >= {group.id}
assert [one.id for one in client.groups.users(group.id)] == [agent.id]

# More than one page, by cursor and by offset.
for number in range(105):
    client.users.create(User(name=f"Agent {number}", role="agent"))
by_cursor = [user.id for user in client.users(role="agent", cursor_pagination=40)]
by_offset = [user.id for user in client.users(role="agent", cursor_pagination=False)]
assert len(set(by_cursor)) == 106, len(set(by_cursor))
assert by_cursor == by_offset

identity = client.users.identities.create(agent.id, Identity(type="email", value="ana.souza@loja.example"))
client.users.identities.make_primary(agent.id, identity.id)
assert client.users(id=agent.id).email == "ana.souza@loja.example"

webhook = client.webhooks.create(
    Webhook(
        name="handler",
        endpoint="https://handler.example/zendesk",
        http_method="POST",
        request_format="json",
        status="active",
        subscriptions=["conditional_ticket_events"],
        authentication={
            "type": "bearer_token",
            "data": {"token": "zenpy-token"},
            "add_position": "header",
        },
    )
)
webhook.description = "kept by zenpy"
client.webhooks.patch(webhook)
assert [one.id for one in client.webhooks.list()] == [webhook.id]
assert client.webhooks(id=webhook.id).description == "kept by zenpy"
assert client.webhooks.test(webhook, request={}).status_code == 200

trigger = client.triggers.create(
    Trigger(
        title="relay",
        conditions={
            "all": [{"field": "current_tags", "operator": "includes", "value": "vtex-chatbot"}],
            "any": [],
        },
        actions=[{"field": "notification_webhook", "value": [webhook.id, "{}"]}],
    )
)
trigger.title = "relay renamed"
trigger = client.triggers.update(trigger)

field = client.ticket_fields.create(TicketField(type="text", title="WhatsApp"))

try:
    client.users.create(User(name="Twin", email="ANA@loja.example", role="agent"))
    raise SystemExit("a taken address was accepted")
except APIException as error:
    assert "DuplicateValue" in str(error), error

leaver = client.users.create(User(name="Leaver", role="agent"))
assert client.users.delete(leaver).active is False
try:
    client.triggers(id=1)
    raise SystemExit("a trigger that does not exist was found")
except RecordNotFoundException:
    pass

print(
    json.dumps(
        {
            "group": group.id,
            "agent": agent.id,
            "membership": membership.id,
            "webhook": webhook.id,
            "trigger": trigger.id,
            "field": field.id,
            "leaver": leaver.id,
        }
    )
)
