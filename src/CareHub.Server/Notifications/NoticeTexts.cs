using CareHub.Core.Signals;

namespace CareHub.Server.Notifications;

/// <summary>The texts in one language: {0} kind, {1} person and place, {2} time. Short, because a short message is.</summary>
internal sealed record NoticeTexts(
    string ToSupervisor, string ToContacts, string AllClear, string EscalatedSubject, string AllClearSubject, IReadOnlyDictionary<SignalKind, string> Kinds)
{
    public static NoticeTexts In(string language) => language == NotifyOptions.English ? English : Chinese;

    private static readonly NoticeTexts Chinese = new(
        "【CareHub】告警无人响应：{0}，{1}，{2}。",
        "【CareHub】{1} 发生{0}（{2}），值班人员尚未响应，请尽快联系或前往查看。",
        "【CareHub】已处理：{0}，{1}，{2}。无需前往。",
        "[CareHub] 告警无人响应：{0}",
        "[CareHub] 已处理：{0}",
        new Dictionary<SignalKind, string>
        {
            [SignalKind.Fall] = "跌倒",
            [SignalKind.Button] = "紧急呼叫",
            [SignalKind.Smoke] = "烟雾火警",
            [SignalKind.Heat] = "高温火警",
            [SignalKind.Co] = "一氧化碳",
            [SignalKind.Gas] = "燃气泄漏",
            [SignalKind.Water] = "漏水",
            [SignalKind.BedExit] = "离床未归",
            [SignalKind.Door] = "门未关",
            [SignalKind.Inactivity] = "长时间无活动",
            [SignalKind.Wander] = "走失",
            [SignalKind.Vital] = "体征异常",
            [SignalKind.Tamper] = "设备被拆动",
            [SignalKind.Fault] = "故障",
            [SignalKind.LowBattery] = "电量低",
            [SignalKind.Test] = "测试",
            [SignalKind.Cancel] = "取消",
            [SignalKind.Restore] = "恢复",
            [SignalKind.Offline] = "设备离线",
            [SignalKind.Online] = "设备上线",
            [SignalKind.Flapping] = "设备反复掉线",
            [SignalKind.Outage] = "区域断电或断网",
        });

    private static readonly NoticeTexts English = new(
        "CareHub: nobody has answered: {0}, {1}, {2}.",
        "CareHub: {0} at {1} ({2}). The duty desk has not answered yet: please call or go and see.",
        "CareHub: dealt with: {0}, {1}, {2}. No need to go.",
        "[CareHub] Nobody has answered: {0}",
        "[CareHub] Dealt with: {0}",
        new Dictionary<SignalKind, string>
        {
            [SignalKind.Fall] = "fall",
            [SignalKind.Button] = "emergency call",
            [SignalKind.Smoke] = "fire alarm (smoke)",
            [SignalKind.Heat] = "fire alarm (heat)",
            [SignalKind.Co] = "carbon monoxide",
            [SignalKind.Gas] = "gas leak",
            [SignalKind.Water] = "water leak",
            [SignalKind.BedExit] = "out of bed",
            [SignalKind.Door] = "door open",
            [SignalKind.Inactivity] = "no activity",
            [SignalKind.Wander] = "wandering",
            [SignalKind.Vital] = "vital signs",
            [SignalKind.Tamper] = "tampering",
            [SignalKind.Fault] = "fault",
            [SignalKind.LowBattery] = "low battery",
            [SignalKind.Test] = "test",
            [SignalKind.Cancel] = "cancelled",
            [SignalKind.Restore] = "restored",
            [SignalKind.Offline] = "device offline",
            [SignalKind.Online] = "device online",
            [SignalKind.Flapping] = "device flapping",
            [SignalKind.Outage] = "outage of a region",
        });
}
