import { addAddress, balancerAddress } from './addresses.js';
import { applyEffect } from './apply-effect.js';
import type { Pending, State } from './state.js';

/** Brings about everything that is due, in its order. */
export function applyDueChanges(state: State, now: number): void {
  for (;;) {
    const due = state.pending.filter((each) => each.dueAt <= now).sort((a, b) => a.dueAt - b.dueAt)[0];
    if (!due) return;
    state.pending.splice(state.pending.indexOf(due), 1);
    applyChange(state, due);
  }
}

function applyChange(state: State, { change, dueAt }: Pending): void {
  const { account } = state;
  switch (change.do) {
    case 'reveal':
      delete state.hidden[change.key];
      return;
    case 'address': {
      const droplet = account.droplets[change.dropletId];
      if (droplet) addAddress(droplet, 'public');
      return;
    }
    case 'status': {
      const droplet = account.droplets[change.dropletId];
      if (droplet) droplet['status'] = change.status;
      return;
    }
    case 'balance': {
      const balancer = account.loadBalancers[change.loadBalancerId];
      if (balancer) Object.assign(balancer, { status: 'active', ip: balancerAddress(account.nextId++) });
      return;
    }
    case 'spread': {
      const firewall = account.firewalls[change.firewallId];
      if (firewall) Object.assign(firewall, { status: 'succeeded', pending_changes: [] });
      return;
    }
    case 'complete': {
      const action = account.actions[change.actionId];
      if (!action) return;
      const isDone = applyEffect(state, change.effect, change.dropletId, action, dueAt);
      Object.assign(action, { status: isDone ? 'completed' : 'errored', completed_at: instant(dueAt) });
      return;
    }
  }
}

/** As DigitalOcean writes instants: to the second. */
export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
