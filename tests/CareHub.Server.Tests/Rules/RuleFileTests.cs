using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Escalation;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Server.Rules;

namespace CareHub.Server.Tests.Rules;

public sealed class RuleFileTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly DeviceFacts Bed = new("bed-1", DeviceKinds.BedSensor, "facility-1", "r-1") { RegionPath = ["all", "city", "north"] };

    [Fact]
    public void The_file_that_ships_says_what_the_engine_does_without_a_file()
    {
        var shipped = Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "rules.yaml"))).Defaults;
        var built = new TriageRules();

        Assert.Equal(built.BySignal.OrderBy(pair => pair.Key), shipped.BySignal.OrderBy(pair => pair.Key));
        Assert.Equal((built.RepeatWindow, built.IncidentWindow, built.NightFrom, built.NightTo), (shipped.RepeatWindow, shipped.IncidentWindow, shipped.NightFrom, shipped.NightTo));
        Assert.Equal((built.CoincidenceWindow, built.Chattering, built.Storm, built.Outage), (shipped.CoincidenceWindow, shipped.Chattering, shipped.Storm, shipped.Outage));
        Assert.Equal(built.FireKinds.Order(), shipped.FireKinds.Order());
        Assert.Equal(built.Inhibitions.Select(Words), shipped.Inhibitions.Select(Words));
        foreach (var (priority, policy) in built.Escalation)
        {
            var read = shipped.Escalation[priority];
            Assert.Equal(policy.Tiers.AsEnumerable(), read.Tiers.AsEnumerable());
            Assert.Equal((policy.Name, policy.ClaimReminder, policy.ClaimGrace, policy.ReceiptMax, policy.UnclaimedMax), (read.Name, read.ClaimReminder, read.ClaimGrace, read.ReceiptMax, read.UnclaimedMax));
        }

        static string Words(Inhibition each) => $"{each.Cause} {each.CauseDevice} {string.Join(',', each.Covers.Order())} {each.Scope} {each.Grace}";
    }

    [Fact]
    public void Every_error_is_reported_at_once_with_its_line()
    {
        var errors = Errors("""
            signals:
              fall: { priority: urgent, verify: 20 }
              gas: { prioritty: high }
              restore: { priority: low }
            escalation:
              critical:
                tiers:
                  - { unseen: 5s, unacknowledged: 5s, to: region }
                  - { unacknowledged: 60s, to: boss }
              high: { tiers: [{ unacknowledged: 60s, to: region }, { unacknowledged: 5s, to: supervisor }] }
            overrides:
              - { when: { planet: mars }, signals: {} }
            colour: red
            """);

        Assert.Equal(
            [
                "line 2: signals.fall.priority: 'urgent' must be one of critical, high, medium, low",
                "line 2: signals.fall.verify: '20' must be a time such as 20s, 10m or 2h, up to 720h",
                "line 3: signals.gas.prioritty is not known here; known are auto_close, delay, latching, only_at_night, other_devices, priority, sure_from, unsure, verify",
                "line 4: signals.restore: 'restore' is no signal that raises an alarm",
                "line 8: escalation.critical.tiers[1]: needs either 'unseen' or 'unacknowledged', and 'to'",
                "line 9: escalation.critical.tiers[2].to: 'boss' must be one of region, next_level, supervisor, contacts",
                "line 9: escalation.critical.tiers[2]: needs either 'unseen' or 'unacknowledged', and 'to'",
                "line 10: escalation.high.tiers: the tiers must stand in the order of their times",
                "line 12: overrides[1]: 'name' is required",
                "line 12: overrides[1].when.planet is not known here; known are device, device_kind, hours, region, site",
                "line 13: colour is not known here; known are chattering, coincidence, escalation, incident_window, inhibit, night, outage, overrides, repeat_window, signals, storm",
            ],
            errors);
    }

    [Theory]
    [InlineData("signals: [")]
    [InlineData("- a list")]
    [InlineData("signals: nothing")]
    public void What_is_not_a_rule_file_is_an_error_and_no_exception(string yaml) => Assert.NotEmpty(Errors(yaml));

    [Fact]
    public void An_empty_file_is_the_default_table() => Assert.Equal(Priority.Critical, Parse("").Defaults.BySignal[SignalKind.Fall].Priority);

    [Fact]
    public void Overrides_apply_from_the_general_to_the_particular_and_change_only_what_they_name()
    {
        var book = Parse("""
            overrides:
              - { name: this-bed, when: { device: bed-1 }, signals: { bed_exit: { delay: 30s } } }
              - { name: beds, when: { device_kind: bed_sensor }, signals: { bed_exit: { priority: low } } }
              - { name: ward, when: { site: facility-1 }, signals: { bed_exit: { priority: high, latching: true } } }
              - { name: north, when: { region: north }, signals: { bed_exit: { priority: critical } } }
              - { name: elsewhere, when: { region: south }, signals: { bed_exit: { priority: critical } } }
              - { name: both, when: { region: north, site: other }, signals: { bed_exit: { priority: critical } } }
            """);

        var rule = book.For(Bed, Noon).BySignal[SignalKind.BedExit];

        Assert.Equal("bed_exit@north@ward@beds@this-bed", rule.Name);
        Assert.Equal((Priority.Low, true, TimeSpan.FromSeconds(30)), (rule.Priority, rule.Latching, rule.RaiseDelay));
        Assert.Equal(Priority.Critical, book.For(Bed with { SiteId = "home-9", Kind = "x", Id = "y" }, Noon).BySignal[SignalKind.BedExit].Priority);
        Assert.Same(book.Defaults, book.For(Bed with { RegionPath = ["all"], SiteId = "home-9", Kind = "x", Id = "y" }, Noon));
    }

    [Fact]
    public void Hours_are_local_and_may_go_over_midnight()
    {
        var book = Parse("""
            overrides:
              - { name: night, when: { hours: "22:00-06:00" }, escalation: { high: { tiers: [{ unacknowledged: 60s, to: supervisor }] } } }
            """);

        Assert.Equal("high", PolicyAt(21, 59));
        Assert.Equal("high@night", PolicyAt(22, 0));
        Assert.Equal("high@night", PolicyAt(5, 59));
        Assert.Equal("high", PolicyAt(6, 0));
        var alarm = new Alarm
        {
            Id = "a.1", SiteId = "a", Number = 1, DeviceId = "d", Kind = SignalKind.Water, Priority = Priority.High, RaisedAt = Noon, OccurredAt = Noon, LastSignalAt = Noon,
            AnnunciatedAt = Noon, ActivatedAt = Noon, Policy = "high@night", IncidentId = "a.1", Version = 1, AnnunciatedVersion = 1, DecisiveVersion = 1,
        };
        Assert.Equal(EscalationTarget.Supervisor, Assert.Single(book.PolicyOf(alarm).Tiers).Target);
        Assert.Equal("high", book.PolicyOf(alarm with { Policy = "of a rule that is gone" }).Name);

        string PolicyAt(int hour, int minute) => book.For(Bed, new DateTimeOffset(2026, 11, 22, hour, minute, 0, TimeSpan.Zero)).Escalation[Priority.High].Name;
    }

    private static RuleBook Parse(string yaml)
    {
        var errors = new List<string>();
        var book = RuleFile.Parse(yaml, TimeZoneInfo.Utc, errors);
        Assert.Empty(errors);
        return book!;
    }

    private static List<string> Errors(string yaml)
    {
        var errors = new List<string>();
        Assert.Null(RuleFile.Parse(yaml, TimeZoneInfo.Utc, errors));
        return errors;
    }
}
