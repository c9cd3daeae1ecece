using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Alarms;

/// <summary>Schema and queries of the alarm database. Its hot writer is <see cref="AlarmLedger"/>.</summary>
internal sealed class AlarmsContext(DbContextOptions<AlarmsContext> options) : DbContext(options)
{
    public DbSet<AlarmRow> Alarms => Set<AlarmRow>();

    public DbSet<TimelineRow> Timeline => Set<TimelineRow>();

    public DbSet<SignalRow> Signals => Set<SignalRow>();

    public DbSet<ActRow> Acts => Set<ActRow>();

    public DbSet<RuleBookRow> RuleBooks => Set<RuleBookRow>();

    public DbSet<DeviceFactsRow> DeviceFacts => Set<DeviceFactsRow>();

    public DbSet<OriginRow> Origins => Set<OriginRow>();

    public DbSet<PendingRow> Pending => Set<PendingRow>();

    public DbSet<SiteMemoryRow> SiteMemories => Set<SiteMemoryRow>();

    public DbSet<QuarantineRow> Quarantine => Set<QuarantineRow>();

    public DbSet<DailySummaryRow> DailySummaries => Set<DailySummaryRow>();

    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();

    public DbSet<AccessRow> Access => Set<AccessRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AlarmRow>(alarm =>
        {
            alarm.ToTable("alarms").HasKey(row => row.Id);
            alarm.HasIndex(row => new { row.SiteId, row.Number }).IsUnique();
            alarm.HasIndex(row => row.RaisedAt);
            alarm.HasIndex(row => new { row.DeviceId, row.Kind }).IsUnique().HasFilter("closed_at IS NULL").HasDatabaseName("ix_alarms_one_open");
            alarm.HasIndex(row => new { row.ResidentId, row.RaisedAt });
        });
        modelBuilder.Entity<TimelineRow>(timeline =>
        {
            timeline.ToTable("timeline").HasKey(row => row.Position);
            timeline.Property(row => row.Position).ValueGeneratedNever();
        });
        modelBuilder.Entity<SignalRow>(signal =>
        {
            signal.ToTable("signals").HasKey(row => row.Position);

            // SQLite counts on from the last row by itself; AUTOINCREMENT would write a row of its own for each signal.
            signal.Property(row => row.Position).ValueGeneratedNever();

            // The id first: ids grow with time (ULID), so new entries lie side by side instead of one page for each device.
            signal.HasIndex(row => new { row.SignalId, row.DeviceId }).IsUnique();
        });
        modelBuilder.Entity<ActRow>().ToTable("acts").HasKey(row => row.Step);
        modelBuilder.Entity<ActRow>().Property(row => row.Step).ValueGeneratedNever();
        modelBuilder.Entity<RuleBookRow>(rules =>
        {
            rules.ToTable("rule_books").HasKey(row => row.Id);
            rules.HasIndex(row => new { row.Version, row.TimeZone }).IsUnique();
        });
        modelBuilder.Entity<DeviceFactsRow>(facts =>
        {
            facts.ToTable("device_facts").HasKey(row => row.Id);
            facts.HasIndex(row => row.DeviceId);
        });
        modelBuilder.Entity<OriginRow>().ToTable("origins").HasKey(row => row.SiteId);
        modelBuilder.Entity<PendingRow>().ToTable("pending").HasKey(row => new { row.DeviceId, row.Kind });
        modelBuilder.Entity<SiteMemoryRow>().ToTable("site_memory").HasKey(row => row.SiteId);
        modelBuilder.Entity<QuarantineRow>().ToTable("quarantine").HasKey(row => row.Id);
        modelBuilder.Entity<DailySummaryRow>().ToTable("daily_summaries").HasKey(row => new { row.Day, row.RegionId, row.Priority });
        modelBuilder.Entity<OutboxRow>(outbox =>
        {
            outbox.ToTable("outbox").HasKey(row => row.Position);
            outbox.HasIndex(row => row.Key).IsUnique();
            outbox.HasIndex(row => new { row.AlarmId, row.Channel, row.Recipient });
            outbox.HasIndex(row => new { row.State, row.Channel, row.NextAt });
            outbox.HasIndex(row => row.DoneAt);
        });
        modelBuilder.Entity<AccessRow>(access =>
        {
            access.ToTable("access").HasKey(row => row.Id);
            access.HasIndex(row => new { row.AlarmId, row.User, row.At });
        });

        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(type => type.GetProperties()))
        {
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        }
    }
}
