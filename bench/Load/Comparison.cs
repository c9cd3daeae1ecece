using System.Globalization;
using System.Text;

namespace CareHub.Bench.Load;

/// <summary>Runs every work on both brokers in turn, several rounds, and writes a table of medians with spread.</summary>
internal static class Comparison
{
    private static readonly string[] s_subjects = ["carehub", "mosquitto"];

    public static async Task<int> RunAsync(string? only, int rounds, double seconds, string? output)
    {
        var duration = TimeSpan.FromSeconds(seconds);
        var works = new (string Key, string Title, Func<Subject, Task<Figure>> Run)[]
        {
            ("fanin", "QoS 0, 50 publishers → 1 subscriber", s => Workloads.FanInAsync(s, 50, duration)),
            ("q1w10", "QoS 1 acknowledged, 200 × window 10", s => Workloads.AcknowledgedAsync(s, 200, 10, duration)),
            ("q1w1", "QoS 1 acknowledged, 1,000 × window 1", s => Workloads.AcknowledgedAsync(s, 1_000, 1, duration)),
            ("fanout", "QoS 0, 1 publisher → 1,000 subscribers (deliveries)", s => Workloads.FanOutAsync(s, 1_000, duration)),
            ("connect", "connects", s => Workloads.ConnectsAsync(s, 50, duration)),
            ("idle", "memory per idle connection, 15,000 open", s => Workloads.IdleMemoryAsync(s, 15_000)),
            ("open", "1,000 msg/s open loop, QoS 1", s => Workloads.OpenLoopAsync(s, 1_000, duration)),
        };
        var table = new StringBuilder("| work | carehub | mosquitto | ratio per CPU second |\n| --- | --- | --- | --- |\n");
        var port = 21_000;
        foreach (var (key, title, run) in works.Where(w => only is null || only.Split(',').Contains(w.Key)))
        {
            var figures = s_subjects.ToDictionary(s => s, _ => new List<Figure>());
            for (var round = 0; round < rounds; round++)
            {
                foreach (var name in s_subjects)
                {
                    using var subject = await Subject.StartAsync(name, port++);
                    var figure = await run(subject);
                    figures[name].Add(figure);
                    Console.Error.WriteLine($"{title}: {name} {Figure.Show(figure)}");
                }
            }

            var ratio = Figure.Median(figures["carehub"].Select(Comparable)) / Figure.Median(figures["mosquitto"].Select(Comparable));
            table.Append(CultureInfo.InvariantCulture, $"| {title} | {Show(figures["carehub"])} | {Show(figures["mosquitto"])} | {ratio:0.00} |\n");
        }

        Console.WriteLine(table);
        if (output is not null)
        {
            await File.WriteAllTextAsync(output, table.ToString());
        }

        return 0;
    }

    private static double Comparable(Figure figure) => figure.Text is null ? figure.PerCpuSecond : figure.PerSecond;

    private static string Show(List<Figure> figures) =>
        figures[0].Text is null ? Figure.Show(figures) : figures.OrderBy(Comparable).ElementAt(figures.Count / 2).Text!;
}
