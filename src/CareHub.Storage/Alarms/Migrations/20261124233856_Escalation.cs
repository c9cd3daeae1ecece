using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CareHub.Storage.Alarms.Migrations
{
    /// <inheritdoc />
    public partial class Escalation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "priority",
                table: "pending");

            migrationBuilder.AddColumn<string>(
                name: "device_kind",
                table: "pending",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "gateway_id",
                table: "pending",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "region_path",
                table: "pending",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "activated_at",
                table: "alarms",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "assigned_at",
                table: "alarms",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "assigned_name",
                table: "alarms",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "assigned_to",
                table: "alarms",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "chattering",
                table: "alarms",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "device_kind",
                table: "alarms",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "escalated_at",
                table: "alarms",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<byte>(
                name: "escalated_to",
                table: "alarms",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "gateway_id",
                table: "alarms",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<byte>(
                name: "incident",
                table: "alarms",
                type: "INTEGER",
                nullable: false,
                defaultValue: (byte)0);

            migrationBuilder.AddColumn<string>(
                name: "incident_id",
                table: "alarms",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "policy",
                table: "alarms",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "progress_at",
                table: "alarms",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "reminded",
                table: "alarms",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<byte>(
                name: "restores_priority",
                table: "alarms",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "seen",
                table: "alarms",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<byte>(
                name: "stage",
                table: "alarms",
                type: "INTEGER",
                nullable: false,
                defaultValue: (byte)0);

            migrationBuilder.AddColumn<byte>(
                name: "suppressed_by",
                table: "alarms",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "suppressed_until",
                table: "alarms",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "suppression_cause",
                table: "alarms",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "tier",
                table: "alarms",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "site_memory",
                columns: table => new
                {
                    site_id = table.Column<string>(type: "TEXT", nullable: false),
                    memory = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_site_memory", x => x.site_id);
                });

            // Alarms that are open now go on as if they had just been raised under the new rules.
            migrationBuilder.Sql("UPDATE alarms SET activated_at = annunciated_at, incident_id = id, seen = seen_by IS NOT NULL, stage = claimed_by IS NOT NULL, progress_at = claimed_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "site_memory");

            migrationBuilder.DropColumn(
                name: "device_kind",
                table: "pending");

            migrationBuilder.DropColumn(
                name: "gateway_id",
                table: "pending");

            migrationBuilder.DropColumn(
                name: "region_path",
                table: "pending");

            migrationBuilder.DropColumn(
                name: "activated_at",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "assigned_at",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "assigned_name",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "assigned_to",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "chattering",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "device_kind",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "escalated_at",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "escalated_to",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "gateway_id",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "incident",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "incident_id",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "policy",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "progress_at",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "reminded",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "restores_priority",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "seen",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "stage",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "suppressed_by",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "suppressed_until",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "suppression_cause",
                table: "alarms");

            migrationBuilder.DropColumn(
                name: "tier",
                table: "alarms");

            migrationBuilder.AddColumn<byte>(
                name: "priority",
                table: "pending",
                type: "INTEGER",
                nullable: false,
                defaultValue: (byte)0);
        }
    }
}
