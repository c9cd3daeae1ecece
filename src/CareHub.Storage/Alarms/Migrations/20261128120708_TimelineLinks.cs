using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CareHub.Storage.Alarms.Migrations
{
    /// <summary>An alarm's entries are linked instead of indexed, and positions are counted on from the last row.</summary>
    public partial class TimelineLinks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "last_entry",
                table: "alarms",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "previous",
                table: "timeline",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            // While the index is there.
            migrationBuilder.Sql(
                """
                UPDATE timeline SET previous = COALESCE(
                    (SELECT earlier.position FROM timeline AS earlier WHERE earlier.alarm_id = timeline.alarm_id AND earlier.seq < timeline.seq ORDER BY earlier.seq DESC LIMIT 1), 0)
                WHERE seq > 1 AND EXISTS (SELECT 1 FROM alarms WHERE alarms.id = timeline.alarm_id);
                UPDATE alarms SET last_entry = COALESCE((SELECT position FROM timeline WHERE alarm_id = alarms.id ORDER BY seq DESC LIMIT 1), 0);
                """);

            migrationBuilder.DropIndex(
                name: "IX_timeline_alarm_id_seq",
                table: "timeline");

            Replace(migrationBuilder, "PRIMARY KEY AUTOINCREMENT", "PRIMARY KEY");
            migrationBuilder.Sql("DELETE FROM sqlite_sequence WHERE name IN ('signals', 'timeline');");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            Replace(migrationBuilder, "PRIMARY KEY", "PRIMARY KEY AUTOINCREMENT");

            migrationBuilder.CreateIndex(
                name: "IX_timeline_alarm_id_seq",
                table: "timeline",
                columns: new[] { "alarm_id", "seq" },
                unique: true);

            migrationBuilder.DropColumn(
                name: "previous",
                table: "timeline");

            migrationBuilder.DropColumn(
                name: "last_entry",
                table: "alarms");
        }

        /// <summary>
        /// Within the transaction, and without a copy of the two largest tables: what lies in them is the same with and without. The way is that
        /// of https://sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes".
        /// </summary>
        private static void Replace(MigrationBuilder migrationBuilder, string text, string by) => migrationBuilder.Sql(
            $"""
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, '{text}', '{by}') WHERE type = 'table' AND name IN ('signals', 'timeline');
            PRAGMA writable_schema = RESET;
            """);
    }
}
