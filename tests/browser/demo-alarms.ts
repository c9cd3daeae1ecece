/** People, places and alarms for tests and screenshots. All names are invented. */

import type { Alarm, AlarmDetail, Priority } from '../../src/console/src/data/alarms.ts';

interface Seed {
  kind: string;
  priority: Priority;
  device: string;
  place: string | null;
  site: string;
  region: string;
  person: [name: string, age: number, sex: 'male' | 'female'] | null;
}

export const seeds = {
  button: {
    kind: 'button',
    priority: 'critical',
    device: '床头呼叫按钮',
    place: '502 · 卧室',
    site: '文晖路 12 号',
    region: '朝晖社区',
    person: ['王桂英', 83, 'female'],
  },
  fall: {
    kind: 'fall',
    priority: 'critical',
    device: '跌倒检测手环',
    place: '3-1204 · 卫生间',
    site: '翠苑一区 7 幢',
    region: '翠苑社区',
    person: ['欧阳建国', 79, 'male'],
  },
  smoke: {
    kind: 'smoke',
    priority: 'critical',
    device: '烟感探测器',
    place: '101 · 厨房',
    site: '古荡新村 21 幢',
    region: '古荡社区',
    person: ['陈秀兰', 88, 'female'],
  },
  inactivity: {
    kind: 'inactivity',
    priority: 'high',
    device: '客厅活动传感器',
    place: '2-301 · 客厅',
    site: '和睦院 4 幢',
    region: '和睦社区',
    person: ['李德福', 91, 'male'],
  },
  vital: {
    kind: 'vital',
    priority: 'high',
    device: '智能床垫',
    place: 'B-315 · 2 床',
    site: '拱宸桥颐养中心',
    region: '拱宸社区',
    person: ['周玉珍', 86, 'female'],
  },
  bedExit: {
    kind: 'bed_exit',
    priority: 'medium',
    device: '离床垫',
    place: 'A-208 · 1 床',
    site: '拱宸桥颐养中心',
    region: '拱宸社区',
    person: ['徐金水', 84, 'male'],
  },
  battery: {
    kind: 'low_battery',
    priority: 'low',
    device: '门磁',
    place: '402 · 入户门',
    site: '大关西五苑 9 幢',
    region: '大关社区',
    person: ['沈阿毛', 77, 'male'],
  },
  fault: {
    kind: 'fault',
    priority: 'low',
    device: '走廊烟感 A3-07',
    place: 'A 楼 3 层 · 走廊',
    site: '拱宸桥颐养中心',
    region: '拱宸社区',
    person: null,
  },
} satisfies Record<string, Seed>;

export type SeedName = keyof typeof seeds;

export function makeAlarm(id: string, name: SeedName, at: string): Alarm {
  const seed: Seed = seeds[name];
  return {
    id,
    version: 1,
    kind: seed.kind,
    priority: seed.priority,
    state: 'unacknowledged',
    active: true,
    acknowledged: false,
    raisedAt: at,
    occurredAt: at,
    lastSignalAt: at,
    annunciatedAt: at,
    escalation: null,
    stage: 'none',
    assignedTo: null,
    reminded: false,
    incidentId: id,
    incident: 'single',
    suppression: null,
    chattering: false,
    verifyUntil: null,
    count: 1,
    device: { id: `dev-${id}`, kind: seed.kind, name: seed.device },
    site: { id: `site-${id}`, kind: 'home', name: seed.site, address: `杭州市拱墅区${seed.site}${seed.place ?? ''}` },
    region: { id: 'hz-gs-1', name: seed.region, path: ['hz', 'hz-gs', 'hz-gs-1'] },
    place: seed.place,
    about: null,
    resident: seed.person ? { id: `r-${id}`, name: seed.person[0], age: seed.person[1], sex: seed.person[2] } : null,
    acknowledgedBy: null,
    claimedBy: null,
    firstSeenBy: null,
    closedAt: null,
    disposition: null,
    closedBy: null,
  };
}

/** The card of an alarm as the hub would tell it at `nowMs`. */
export function makeDetail(alarm: Alarm, timeline: AlarmDetail['timeline'], nowMs: number): AlarmDetail {
  const ago = (minutes: number) => new Date(nowMs - minutes * 60_000).toISOString();
  return {
    ...alarm,
    residentCard: alarm.resident && {
      phone: '0571 8805 1234',
      careLevel: '二级护理（中度失能）',
      livesAlone: true,
      riskFlags: ['lives_alone', '80_plus'],
      medicalNotes: '高血压；2024 年右髋置换；听力下降，请大声说话',
      allergies: '青霉素',
      medication: '氨氯地平 5 mg 早；阿司匹林 100 mg',
      keySafe: '门左侧钥匙盒，密码问社区站（0571 8805 1199）',
      contacts: [
        { name: '王敏', relation: '女儿', phone: '138 0000 1001' },
        { name: '赵刚', relation: '邻居 503', phone: '138 0000 1002' },
        { name: '朝晖社区服务站', relation: '社区', phone: '0571 8805 1199' },
      ],
    },
    siteCard: {
      address: alarm.site.address,
      phone: null,
      accessNotes: '单元门禁 #2580；电梯停用时走东侧楼梯',
    },
    deviceCard: { model: 'CB-200', lastHeardAt: ago(1), online: true, battery: 87, batteryAt: ago(190) },
    timeline,
    explains: { count: 0, items: [] },
    recent: [
      past('p1', 'button', 'critical', ago(60 * 30), 'false'),
      past('p2', 'low_battery', 'low', ago(60 * 80), 'technical'),
      past('p3', 'fall', 'critical', ago(60 * 200), 'real'),
      past('p4', 'button', 'critical', ago(60 * 410), 'test'),
    ],
  };
}

function past(
  id: string,
  kind: string,
  priority: Priority,
  raisedAt: string,
  disposition: AlarmDetail['recent'][number]['disposition'],
): AlarmDetail['recent'][number] {
  return { id, kind, priority, raisedAt, closedAt: raisedAt, disposition };
}
