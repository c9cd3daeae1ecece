using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CareHub.Storage.Alarms.Migrations
{
    /// <inheritdoc />
    public partial class Journal : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "buffered",
                table: "signals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "confidence",
                table: "signals",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "facts_id",
                table: "signals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<byte>(
                name: "of",
                table: "signals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "rules_id",
                table: "signals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "staffed",
                table: "signals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "step",
                table: "signals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "stepped_at",
                table: "signals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "zone",
                table: "signals",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "acts",
                columns: table => new
                {
                    step = table.Column<long>(type: "INTEGER", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    site_id = table.Column<string>(type: "TEXT", nullable: false),
                    rules_id = table.Column<long>(type: "INTEGER", nullable: false),
                    command = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_acts", x => x.step);
                });

            migrationBuilder.CreateTable(
                name: "device_facts",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    device_id = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    site_id = table.Column<string>(type: "TEXT", nullable: false),
                    resident_id = table.Column<string>(type: "TEXT", nullable: true),
                    gateway_id = table.Column<string>(type: "TEXT", nullable: true),
                    region_path = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_device_facts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "origins",
                columns: table => new
                {
                    site_id = table.Column<string>(type: "TEXT", nullable: false),
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    state = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_origins", x => x.site_id);
                });

            migrationBuilder.CreateTable(
                name: "rule_books",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    version = table.Column<string>(type: "TEXT", nullable: false),
                    time_zone = table.Column<string>(type: "TEXT", nullable: false),
                    source = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_rule_books", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_device_facts_device_id",
                table: "device_facts",
                column: "device_id");

            migrationBuilder.CreateIndex(
                name: "IX_rule_books_version_time_zone",
                table: "rule_books",
                columns: new[] { "version", "time_zone" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "acts");

            migrationBuilder.DropTable(
                name: "device_facts");

            migrationBuilder.DropTable(
                name: "origins");

            migrationBuilder.DropTable(
                name: "rule_books");

            migrationBuilder.DropColumn(
                name: "buffered",
                table: "signals");

            migrationBuilder.DropColumn(
                name: "confidence",
                table: "signals");

            migrationBuilder.DropColumn(
                name: "facts_id",
                table: "signals");

            migrationBuilder.DropColumn(
                name: "of",
                table: "signals");

            migrationBuilder.DropColumn(
                name: "rules_id",
                table: "signals");

            migrationBuilder.DropColumn(
                name: "staffed",
                table: "signals");

            migrationBuilder.DropColumn(
                name: "step",
                table: "signals");

            migrationBuilder.DropColumn(
                name: "stepped_at",
                table: "signals");

            migrationBuilder.DropColumn(
                name: "zone",
                table: "signals");
        }
    }
}
