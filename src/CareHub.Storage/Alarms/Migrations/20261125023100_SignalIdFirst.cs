using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CareHub.Storage.Alarms.Migrations
{
    /// <inheritdoc />
    public partial class SignalIdFirst : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_signals_device_id_signal_id",
                table: "signals");

            migrationBuilder.CreateIndex(
                name: "IX_signals_signal_id_device_id",
                table: "signals",
                columns: new[] { "signal_id", "device_id" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_signals_signal_id_device_id",
                table: "signals");

            migrationBuilder.CreateIndex(
                name: "IX_signals_device_id_signal_id",
                table: "signals",
                columns: new[] { "device_id", "signal_id" },
                unique: true);
        }
    }
}
