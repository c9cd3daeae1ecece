using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CareHub.Storage.Alarms.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "access",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    user = table.Column<string>(type: "TEXT", nullable: false),
                    alarm_id = table.Column<string>(type: "TEXT", nullable: false),
                    resident_id = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_access", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "alarms",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    site_id = table.Column<string>(type: "TEXT", nullable: false),
                    number = table.Column<long>(type: "INTEGER", nullable: false),
                    device_id = table.Column<string>(type: "TEXT", nullable: false),
                    resident_id = table.Column<string>(type: "TEXT", nullable: true),
                    kind = table.Column<byte>(type: "INTEGER", nullable: false),
                    priority = table.Column<byte>(type: "INTEGER", nullable: false),
                    active = table.Column<bool>(type: "INTEGER", nullable: false),
                    acknowledged = table.Column<bool>(type: "INTEGER", nullable: false),
                    raised_at = table.Column<long>(type: "INTEGER", nullable: false),
                    occurred_at = table.Column<long>(type: "INTEGER", nullable: false),
                    last_signal_at = table.Column<long>(type: "INTEGER", nullable: false),
                    annunciated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    verify_until = table.Column<long>(type: "INTEGER", nullable: true),
                    count = table.Column<int>(type: "INTEGER", nullable: false),
                    zone = table.Column<string>(type: "TEXT", nullable: true),
                    acknowledged_by = table.Column<string>(type: "TEXT", nullable: true),
                    acknowledged_name = table.Column<string>(type: "TEXT", nullable: true),
                    acknowledged_at = table.Column<long>(type: "INTEGER", nullable: true),
                    claimed_by = table.Column<string>(type: "TEXT", nullable: true),
                    claimed_name = table.Column<string>(type: "TEXT", nullable: true),
                    claimed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    seen_by = table.Column<string>(type: "TEXT", nullable: true),
                    seen_name = table.Column<string>(type: "TEXT", nullable: true),
                    seen_at = table.Column<long>(type: "INTEGER", nullable: true),
                    closed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    disposition = table.Column<byte>(type: "INTEGER", nullable: true),
                    closed_by_kind = table.Column<byte>(type: "INTEGER", nullable: true),
                    closed_by = table.Column<string>(type: "TEXT", nullable: true),
                    closed_name = table.Column<string>(type: "TEXT", nullable: true),
                    version = table.Column<int>(type: "INTEGER", nullable: false),
                    annunciated_version = table.Column<int>(type: "INTEGER", nullable: false),
                    decisive_version = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_alarms", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "daily_summaries",
                columns: table => new
                {
                    day = table.Column<string>(type: "TEXT", nullable: false),
                    region_id = table.Column<string>(type: "TEXT", nullable: false),
                    priority = table.Column<byte>(type: "INTEGER", nullable: false),
                    raised = table.Column<int>(type: "INTEGER", nullable: false),
                    closed = table.Column<int>(type: "INTEGER", nullable: false),
                    answered_in60_s = table.Column<int>(type: "INTEGER", nullable: false),
                    answered_in180_s = table.Column<int>(type: "INTEGER", nullable: false),
                    acknowledge_p50_ms = table.Column<long>(type: "INTEGER", nullable: true),
                    acknowledge_p95_ms = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_daily_summaries", x => new { x.day, x.region_id, x.priority });
                });

            migrationBuilder.CreateTable(
                name: "pending",
                columns: table => new
                {
                    device_id = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<byte>(type: "INTEGER", nullable: false),
                    site_id = table.Column<string>(type: "TEXT", nullable: false),
                    resident_id = table.Column<string>(type: "TEXT", nullable: true),
                    priority = table.Column<byte>(type: "INTEGER", nullable: false),
                    occurred_at = table.Column<long>(type: "INTEGER", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_pending", x => new { x.device_id, x.kind });
                });

            migrationBuilder.CreateTable(
                name: "quarantine",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    device_id = table.Column<string>(type: "TEXT", nullable: false),
                    site_id = table.Column<string>(type: "TEXT", nullable: false),
                    topic = table.Column<string>(type: "TEXT", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    offset = table.Column<int>(type: "INTEGER", nullable: false),
                    payload = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_quarantine", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "signals",
                columns: table => new
                {
                    position = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    device_id = table.Column<string>(type: "TEXT", nullable: false),
                    signal_id = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<byte>(type: "INTEGER", nullable: false),
                    source = table.Column<byte>(type: "INTEGER", nullable: false),
                    received_at = table.Column<long>(type: "INTEGER", nullable: false),
                    device_at = table.Column<long>(type: "INTEGER", nullable: true),
                    outcome = table.Column<byte>(type: "INTEGER", nullable: false),
                    alarm_id = table.Column<string>(type: "TEXT", nullable: true),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    redeliveries = table.Column<int>(type: "INTEGER", nullable: false),
                    raw = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_signals", x => x.position);
                });

            migrationBuilder.CreateTable(
                name: "timeline",
                columns: table => new
                {
                    position = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    alarm_id = table.Column<string>(type: "TEXT", nullable: false),
                    seq = table.Column<int>(type: "INTEGER", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    @event = table.Column<byte>(name: "event", type: "INTEGER", nullable: false),
                    author_kind = table.Column<byte>(type: "INTEGER", nullable: false),
                    author_id = table.Column<string>(type: "TEXT", nullable: false),
                    author_name = table.Column<string>(type: "TEXT", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    note = table.Column<string>(type: "TEXT", nullable: true),
                    hash = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_timeline", x => x.position);
                });

            migrationBuilder.CreateIndex(
                name: "IX_access_alarm_id_user_at",
                table: "access",
                columns: new[] { "alarm_id", "user", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_alarms_raised_at",
                table: "alarms",
                column: "raised_at");

            migrationBuilder.CreateIndex(
                name: "IX_alarms_resident_id_raised_at",
                table: "alarms",
                columns: new[] { "resident_id", "raised_at" });

            migrationBuilder.CreateIndex(
                name: "IX_alarms_site_id_number",
                table: "alarms",
                columns: new[] { "site_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_alarms_one_open",
                table: "alarms",
                columns: new[] { "device_id", "kind" },
                unique: true,
                filter: "closed_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_signals_device_id_signal_id",
                table: "signals",
                columns: new[] { "device_id", "signal_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_timeline_alarm_id_seq",
                table: "timeline",
                columns: new[] { "alarm_id", "seq" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "access");

            migrationBuilder.DropTable(
                name: "alarms");

            migrationBuilder.DropTable(
                name: "daily_summaries");

            migrationBuilder.DropTable(
                name: "pending");

            migrationBuilder.DropTable(
                name: "quarantine");

            migrationBuilder.DropTable(
                name: "signals");

            migrationBuilder.DropTable(
                name: "timeline");
        }
    }
}
