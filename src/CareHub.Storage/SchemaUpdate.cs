using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage;

/// <summary>
/// Brings a database's schema up to date. EF Core guards that by a row in the database, which outlives a process that is
/// killed meanwhile: the next start would wait for it for ever. A lock of the operating system goes with its process, so
/// under one of those a row that is there was left behind.
/// </summary>
internal static class SchemaUpdate
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TryEvery = TimeSpan.FromMilliseconds(50);

    /// <exception cref="IOException">Another process has been at it for longer than a minute.</exception>
    public static void Apply(DbContext context, string file)
    {
        using var alone = Lock($"{file}.migrating");
        if (context.Database.GetPendingMigrations().Any())
        {
            context.Database.ExecuteSqlRaw("DROP TABLE IF EXISTS __EFMigrationsLock");
            context.Database.Migrate();
        }
    }

    private static FileStream Lock(string path)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!patience.IsCancellationRequested)
            {
                patience.Token.WaitHandle.WaitOne(TryEvery);
            }
        }
    }
}
