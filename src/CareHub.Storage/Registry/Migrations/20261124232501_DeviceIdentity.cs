using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CareHub.Storage.Registry.Migrations
{
    /// <inheritdoc />
    public partial class DeviceIdentity : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "DisabledReason",
                table: "devices",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "PreviousSecretHash",
                table: "devices",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PreviousSecretUntil",
                table: "devices",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "claim_codes",
                columns: table => new
                {
                    Hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    DeviceId = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    ExpiresAt = table.Column<long>(type: "INTEGER", nullable: false),
                    UsedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_claim_codes", x => x.Hash);
                    table.ForeignKey(
                        name: "FK_claim_codes_devices_DeviceId",
                        column: x => x.DeviceId,
                        principalTable: "devices",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "registry_timeline",
                columns: table => new
                {
                    Seq = table.Column<long>(type: "INTEGER", nullable: false),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    Event = table.Column<byte>(type: "INTEGER", nullable: false),
                    Subject = table.Column<string>(type: "TEXT", nullable: false),
                    AuthorKind = table.Column<byte>(type: "INTEGER", nullable: false),
                    AuthorId = table.Column<string>(type: "TEXT", nullable: false),
                    AuthorName = table.Column<string>(type: "TEXT", nullable: false),
                    Reason = table.Column<string>(type: "TEXT", nullable: true),
                    Hash = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_registry_timeline", x => x.Seq);
                });

            migrationBuilder.CreateTable(
                name: "services",
                columns: table => new
                {
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    SecretHash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    PublishFilters = table.Column<string>(type: "TEXT", nullable: false),
                    SubscribeFilters = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_services", x => x.Name);
                });

            migrationBuilder.CreateIndex(
                name: "IX_claim_codes_DeviceId",
                table: "claim_codes",
                column: "DeviceId");

            migrationBuilder.CreateIndex(
                name: "IX_registry_timeline_Subject",
                table: "registry_timeline",
                column: "Subject");

            // Rows are only ever added: the database itself says so, whoever holds the file open.
            foreach (var change in new[] { "UPDATE", "DELETE" })
            {
                migrationBuilder.Sql($"CREATE TRIGGER registry_timeline_no_{change.ToLowerInvariant()} BEFORE {change} ON registry_timeline BEGIN SELECT RAISE(ABORT, 'the registry timeline is append-only'); END");
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "claim_codes");

            migrationBuilder.DropTable(
                name: "registry_timeline");

            migrationBuilder.DropTable(
                name: "services");

            migrationBuilder.DropColumn(
                name: "DisabledReason",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "PreviousSecretHash",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "PreviousSecretUntil",
                table: "devices");
        }
    }
}
