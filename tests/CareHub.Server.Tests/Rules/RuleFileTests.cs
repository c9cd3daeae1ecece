using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Health;
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

        Assert.Equal(built.Health.Vital.AsEnumerable(), shipped.Health.Vital.AsEnumerable());
        Assert.Equal((built.Health.Battery, built.Health.Inactivity), (shipped.Health.Battery, shipped.Health.Inactivity));

        static string Words(Inhibition each) => $"{each.Cause} {each.CauseDevice} {string.Join(',', each.Covers.Order())} {each.Scope} {each.Grace}";
    }

    [Fact]
    public void Errors_of_health_are_reported_with_their_line()
    {
        var errors = Errors("""
            health:
              vital:
                heart_rate: { below: 100, above: 50 }
                Pulse: { below: 1 }
                mood: { margin: 1 }
                spo2: { below: low, colour: red }
              battery: { below: 200 }
              inactivity: { readings: [motion, "a b"], factor: 0.5, learn_days: 99, at_least: 10h, at_most: 5h }
              steps: 1
            overrides:
              - { name: x, when: { device: d }, health: { vital: { heart_rate: { below: 129 } } } }
            """);

        Assert.Equal(
            [
                "line 3: health.vital.heart_rate: between 100 and 50 there is no value that is 3 inside both",
                "line 4: health.vital.Pulse: 'Pulse' must be the name of a reading, such as heart_rate; at most 50 may be named",
                "line 5: health.vital.mood: needs 'below' or 'above'",
                "line 6: health.vital.spo2.below: 'low' must be a number from -1000000 to 1000000",
                "line 6: health.vital.spo2.colour is not known here; known are above, below, calm, for, margin, off",
                "line 7: health.battery.below: '200' must be a number from 0 to 100",
                "line 8: health.inactivity.readings: must be at most 10 names of readings, such as motion",
                "line 8: health.inactivity.learn_days: '99' must be a whole number from 1 to 28",
                "line 8: health.inactivity.factor: '0.5' must be a number from 1 to 10",
                "line 8: health.inactivity: 'at_least' must not be longer than 'at_most'",
                "line 9: health.steps is not known here; known are battery, inactivity, vital",
                "line 11: overrides[1].health.vital.heart_rate: between 129 and 50 there is no value that is 3 inside both",
            ],
            errors);
    }

    [Fact]
    public void A_person_has_limits_of_their_own_where_an_override_says_so()
    {
        var book = Parse("""
            health: { vital: { steps: { below: 1, for: 2h } } }
            overrides:
              - name: athlete
                when: { device: bed-1 }
                health:
                  vital: { heart_rate: { below: 35 }, spo2: { off: true } }
                  battery: { days_left: 30 }
                  inactivity: { factor: 2 }
            """);

        var (own, others) = (book.For(Bed, Noon).Health, book.For(Bed with { Id = "bed-2" }, Noon).Health);
        Assert.Equal((35.0, 130.0, 3.0), (own.Vital["heart_rate"].Below, own.Vital["heart_rate"].Above, own.Vital["heart_rate"].Margin));
        Assert.Equal((40.0, 130.0), (others.Vital["heart_rate"].Below, others.Vital["heart_rate"].Above));
        Assert.False(own.Vital.ContainsKey("spo2"));
        Assert.True(others.Vital.ContainsKey("spo2"));
        Assert.Equal((1.0, TimeSpan.FromHours(2)), (own.Vital["steps"].Below, own.Vital["steps"].For));
        Assert.Equal((new BatteryRule(10, 30), new BatteryRule(10, 7)), (own.Battery, others.Battery));
        Assert.Equal((2.0, TimeSpan.FromHours(12)), (own.Inactivity.Factor, own.Inactivity.Fixed));
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
              medium: { tiers: [{ unacknowledged: 5s, to: contacts }, { unacknowledged: 60s, to: next_level }] }
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
                "line 11: escalation.medium.tiers: a later tier must not turn to fewer consoles than one before it: region, next_level, then supervisor or contacts",
                "line 13: overrides[1]: 'name' is required",
                "line 13: overrides[1].when.planet is not known here; known are device, device_kind, hours, region, site",
                "line 14: colour is not known here; known are chattering, coincidence, escalation, health, incident_window, inhibit, night, outage, overrides, repeat_window, signals, storm",
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
    public void Of_two_overrides_for_a_kind_the_one_for_the_smaller_place_has_the_last_word_wherever_it_stands()
    {
        var book = Parse("""
            overrides:
              - { name: ward-beds, when: { site: facility-1, device_kind: bed_sensor }, signals: { bed_exit: { priority: high } } }
              - { name: north-beds, when: { region: north, device_kind: bed_sensor }, signals: { bed_exit: { priority: medium } } }
              - { name: beds, when: { device_kind: bed_sensor }, signals: { bed_exit: { priority: low } } }
            """);

        var rule = book.For(Bed, Noon).BySignal[SignalKind.BedExit];

        Assert.Equal(("bed_exit@beds@north-beds@ward-beds", Priority.High), (rule.Name, rule.Priority));
    }

    [Fact]
    public void An_override_of_an_escalation_changes_only_what_it_names_and_an_alarm_finds_its_policy_again_by_name()
    {
        const string Yaml = """
            overrides:
              - { name: ward, when: { site: facility-1 }, escalation: { critical: { tiers: [{ unacknowledged: 15s, to: supervisor }] } } }
              - { name: this-bed, when: { device: bed-1 }, escalation: { critical: { claim_reminder: 20s } } }
            """;
        var policy = Parse(Yaml).For(Bed, Noon).Escalation[Priority.Critical];
        Assert.Equal(("critical@ward@this-bed", TimeSpan.FromSeconds(20)), (policy.Name, policy.ClaimReminder!.Value));
        Assert.Equal(TimeSpan.FromSeconds(15), Assert.Single(policy.Tiers).After);

        // Another life of the hub: nothing has been composed yet.
        var found = Parse(Yaml).PolicyOf(Open(Priority.Critical, "critical@ward@this-bed"));
        Assert.Equal((policy.Name, policy.ClaimReminder, Assert.Single(policy.Tiers)), (found.Name, found.ClaimReminder, Assert.Single(found.Tiers)));
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
        var alarm = Open(Priority.High, "high@night");
        Assert.Equal(EscalationTarget.Supervisor, Assert.Single(book.PolicyOf(alarm).Tiers).Target);
        Assert.Equal("high", book.PolicyOf(alarm with { Policy = "of a rule that is gone" }).Name);

        string PolicyAt(int hour, int minute) => book.For(Bed, new DateTimeOffset(2026, 11, 22, hour, minute, 0, TimeSpan.Zero)).Escalation[Priority.High].Name;
    }

    private static Alarm Open(Priority priority, string policy) => new()
    {
        Id = "a.1", SiteId = "a", Number = 1, DeviceId = "d", Kind = SignalKind.Water, Priority = priority, RaisedAt = Noon, OccurredAt = Noon, LastSignalAt = Noon,
        AnnunciatedAt = Noon, ActivatedAt = Noon, Policy = policy, IncidentId = "a.1", Version = 1, AnnunciatedVersion = 1, DecisiveVersion = 1,
    };

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
